"""Forgetting a person: their key first, then the fact."""

from commands.handler import CommandHandler
from commands.ports import Appended, Vault
from commands.routes import PERSON
from domain.person.commands import ForgetPerson
from domain.shared.recorded import Metadata


async def forget(handler: CommandHandler, vault: Vault, command: ForgetPerson, metadata: Metadata) -> Appended:
    """Destroy the key of the subject and write down that it was done.

    In this order: what the log says of a person is true at any time. A crash between the two leaves a key destroyed
    and nobody told, so it is asked again, and a repeat destroys whatever key there is.
    """
    PERSON.decider.decide(PERSON.decider.initial, command)
    await vault.forget(command.subject)
    return await handler(command, metadata)
