"""Who did something, as the back office writes it."""

from web.texts.states import brief

STAFF, PROCESS = "staff:", "process:"
MACHINES = {"gateway": "the payment gateway", "command-line": "the command line"}


def who(actor: str, name: str | None, me: str) -> str:
    """`name`: what the read API calls the actor, for those who may know; `me`: the subject of the reader."""
    if actor == f"{STAFF}{me}":
        return "you"
    if name:
        return name
    if actor.startswith(PROCESS):
        return f"the shop, {actor.removeprefix(PROCESS).replace('_', ' ')}"
    return MACHINES.get(actor) or brief(actor.removeprefix(STAFF))
