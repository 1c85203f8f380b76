"""All commands that can be carried out, and by what: those of the shop and those of its operators."""

from commands.routes import ROUTES
from process_managers.engine import parking

COMMANDS = {**ROUTES, **parking.ROUTES}
