"""All commands that can be carried out, and by what: those of the shop and those of its operators."""

from commands.routes import ROUTES
from process_managers.parking import PARKING, ResendParked
from process_managers.unheard import UNHEARD, ResendInput

COMMANDS = {**ROUTES, ResendParked: PARKING, ResendInput: UNHEARD}
