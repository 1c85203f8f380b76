"""Renaming and removing passkeys. A passkey is no fact any more before its credential is deleted."""

from uuid import UUID

from commands.accounts.ports import MailKind, Realm
from commands.accounts.services import Accounts
from commands.passkeys.adding import notify
from commands.passkeys.errors import PasskeyNotFound
from commands.passkeys.holding import Secret, sealed, stored
from domain.customer.commands import RemovePasskey
from domain.shared.recorded import Metadata
from domain.staff.commands import RemoveStaffPasskey


async def rename(accounts: Accounts, realm: Realm, subject: str, passkey_id: UUID, name: str) -> None:
    """Raises PasskeyNotFound."""
    for passkey, secret in await stored(accounts, realm, subject):
        if passkey.passkey_id == passkey_id:
            renamed = Secret(name, secret.credential_id, secret.public_key, secret.transports)
            await accounts.passkeys.change(passkey_id, await sealed(accounts, subject, renamed))
            return
    raise PasskeyNotFound(f"There is no passkey {passkey_id} of yours.", "passkey_id")


async def remove(
    accounts: Accounts, realm: Realm, subject: str, passkey_id: UUID, metadata: Metadata, *, another_way: bool
) -> None:
    """Remove a passkey, and notify its holder by mail. One that is not there is no error.

    `another_way`: something else lets the holder in too. Raises LastWayIn, LastWayInOfStaff.
    """
    known = any(it.passkey_id == passkey_id for it in await accounts.passkeys.of(subject))
    if not known:
        return
    if realm is Realm.SHOPPER:
        await accounts.handler(
            RemovePasskey(subject=subject, passkey_id=str(passkey_id), another_way=another_way, at=accounts.clock()),
            metadata,
        )
    else:
        await accounts.handler(
            RemoveStaffPasskey(subject=subject, passkey_id=str(passkey_id), another_way=another_way), metadata
        )
    await accounts.passkeys.remove(passkey_id)
    await notify(accounts, realm, subject, MailKind.PASSKEY_REMOVED)
