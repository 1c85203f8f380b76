"""What carries out everything about accounts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from commands.accounts.ports import Attempts, Contacts, Identity, Mail, MailKind, Passwords, Realm
from commands.handler import CommandHandler
from commands.passkeys.ports import Ceremonies, Passkeys
from commands.ports import Vault
from domain.shared.recorded import Metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The log, the vault and the identity store, with the time and new ids."""

    handler: CommandHandler
    vault: Vault
    identity: Identity
    passwords: Passwords
    attempts: Attempts
    passkeys: Passkeys
    ceremonies: Ceremonies
    contacts: Contacts
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]

    async def write(self, kind: MailKind, subject: str, address: str | None = None) -> None:
        """Queue a mail to a shopper's address, or to another one of theirs."""
        await self.identity.post(
            Mail(
                mail_id=self.new_id(),
                kind=kind,
                realm=Realm.SHOPPER,
                address=address,
                subject=subject,
                at=self.clock(),
            )
        )


def by(subject: str, command_id: UUID) -> Metadata:
    """A command of a shopper on their own account."""
    return Metadata(command_id=command_id, correlation_id=command_id, causation_id=command_id, actor=subject)
