"""All commands that can be carried out, and by what: those of the shop and those of its operators."""

from commands.routes import ROUTES
from process_managers.engine.parking import PARKING, ResendInput, ResendParked

COMMANDS = {**ROUTES, ResendParked: PARKING, ResendInput: PARKING}
