"""All commands that can be carried out, and by what: those of the shop and those of its operators."""

from commands.routes import ROUTES
from process_managers.engine.parked_commands import PARKING, ResendParked
from process_managers.engine.parked_inputs import UNHEARD, ResendInput

COMMANDS = {**ROUTES, ResendParked: PARKING, ResendInput: UNHEARD}
