"""The passkeys of one holder. One is good only with both its credential in the store and its fact in the log."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from commands.accounts.ports import Realm
from commands.accounts.services import Accounts
from commands.passkeys.ports import Credential, StoredPasskey
from commands.routes import CUSTOMER, STAFF, STAFF_ROSTER
from domain.customer.state import Customer
from domain.shared.personal import Sealed
from domain.staff.state import Roster


class Secret(msgspec.Struct, frozen=True):
    """What is sealed of a passkey."""

    name: str
    credential_id: bytes
    public_key: bytes
    transports: tuple[str, ...] = ()

    @property
    def credential(self) -> Credential:
        return Credential(self.credential_id, self.public_key, self.transports, 0)


class OwnPasskey(NamedTuple):
    """A passkey as its holder sees it."""

    passkey_id: UUID
    name: str
    made_at: datetime
    used_at: datetime | None


async def sealed(accounts: Accounts, subject: str, secret: Secret) -> Sealed:
    return await accounts.vault.seal(subject, msgspec.json.encode(secret))


async def opened(accounts: Accounts, passkey: StoredPasskey) -> Secret | None:
    """None when the holder was forgotten."""
    plain = await accounts.vault.open(passkey.secret)
    return None if plain is None else msgspec.json.decode(plain, type=Secret)


async def recorded(accounts: Accounts, realm: Realm, subject: str) -> Collection[str]:
    """The ids of the passkeys that the log has of a holder. Of a member who has not joined it is none."""
    if realm is Realm.SHOPPER:
        customer: Customer = await accounts.handler.state_of(CUSTOMER, f"customer-{subject}")
        return customer.passkeys
    roster: Roster = await accounts.handler.state_of(STAFF, STAFF_ROSTER)
    member = roster.members.get(subject)
    return member.passkeys if member is not None and member.joined else ()


async def stored(accounts: Accounts, realm: Realm, subject: str) -> Sequence[tuple[StoredPasskey, Secret]]:
    """Those that are good, the oldest first."""
    known = await recorded(accounts, realm, subject)
    found = [it for it in await accounts.passkeys.of(subject) if str(it.passkey_id) in known] if known else []
    return [(it, secret) for it in found if (secret := await opened(accounts, it)) is not None]


async def own(accounts: Accounts, realm: Realm, subject: str) -> Sequence[OwnPasskey]:
    found = await stored(accounts, realm, subject)
    return [OwnPasskey(it.passkey_id, secret.name, it.made_at, it.used_at) for it, secret in found]
