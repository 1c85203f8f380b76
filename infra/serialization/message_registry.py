"""Every message by its stored name. A part that only reads has to know the words of all the others."""

from commands import routes
from domain.shared import journal, messages
from process_managers import parking, process, unheard

SPOKEN_IN = (routes, journal, parking, process, unheard)
"""Modules that declare messages, or import those that do."""

EVENTS = messages.EVENTS
COMMANDS = messages.COMMANDS
