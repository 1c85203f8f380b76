"""Deleting an account: by its owner, for good."""

from commands.accounts.services import Accounts
from commands.erasure import forget
from commands.ports import Appended
from domain.person.commands import ForgetPerson
from domain.shared.recorded import Metadata

REASON = "Deleted by the owner of the account"


async def delete(accounts: Accounts, subject: str, metadata: Metadata) -> Appended:
    """End everything, and destroy the key of what the log has of the person."""
    command = ForgetPerson(subject=subject, reason=REASON, at=accounts.clock())
    return await forget(accounts.handler, accounts.vault, command, metadata, accounts.identity, force=True)
