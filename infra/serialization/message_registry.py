"""Every message by its stored name. A part that only reads has to know the words of all the others."""

from commands import routes
from domain.shared import journal, messages
from process_managers import gateway_calls
from process_managers.engine import parking, process

SPOKEN_IN = (routes, journal, gateway_calls, parking, process)
"""All modules that declare messages, or import those that do (`tests/infra/serialization/test_names.py`)."""

EVENTS = messages.EVENTS
COMMANDS = messages.COMMANDS
