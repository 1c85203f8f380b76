"""Adding a passkey: options for the browser, then what its authenticator made of them.

The credential is kept before the fact is appended. One whose fact is missing after a crash opens nothing.
"""

from typing import NamedTuple
from uuid import UUID

from commands.accounts.ports import Mail, MailKind, Realm
from commands.accounts.services import Accounts
from commands.passkeys.errors import PasskeyKnown, PasskeyRefused
from commands.passkeys.holding import Secret, sealed, stored
from commands.passkeys.ports import Document, Purpose, StoredPasskey
from commands.routes import CUSTOMER, STAFF
from domain.customer.commands import AddPasskey
from domain.shared.recorded import Metadata
from domain.staff.commands import AddStaffPasskey


class NewPasskey(NamedTuple):
    """What an authenticator answered, and what its holder calls it."""

    response: Document
    name: str


async def options(accounts: Accounts, realm: Realm, subject: str, address: str) -> Document:
    """Options for navigator.credentials.create(), with a challenge for this holder. Raises NoPasskeysHere."""
    known = [secret.credential for _, secret in await stored(accounts, realm, subject)]
    challenge = await accounts.passkeys.challenge(Purpose.ADD, subject, accounts.clock())
    return accounts.ceremonies.registration(challenge, subject, address, known)


async def keep(accounts: Accounts, realm: Realm, subject: str, new: NewPasskey) -> UUID:
    """Keep a credential that no fact speaks of yet. Raises PasskeyRefused, PasskeyKnown."""
    now = accounts.clock()
    challenge = accounts.ceremonies.challenge_in(new.response)
    if not await accounts.passkeys.take(challenge, Purpose.ADD, subject, now):
        raise PasskeyRefused
    made = accounts.ceremonies.registered(new.response, challenge)
    passkey_id = accounts.new_id()
    secret = Secret(new.name, made.credential_id, made.public_key, tuple(made.transports))
    kept = StoredPasskey(passkey_id, realm, subject, await sealed(accounts, subject, secret), now, None)
    if not await accounts.passkeys.add(kept, made.credential_id, made.sign_count):
        raise PasskeyKnown("This passkey belongs to an account already. Log in with it, or make another one.")
    return passkey_id


async def record(accounts: Accounts, realm: Realm, subject: str, passkey_id: UUID, metadata: Metadata) -> None:
    """The fact, from which on the passkey is good."""
    await accounts.handler(_command(accounts, realm, subject, str(passkey_id)), metadata)


async def add(accounts: Accounts, realm: Realm, subject: str, new: NewPasskey, metadata: Metadata) -> UUID:
    """Add a passkey, and notify its holder by mail.

    Raises PasskeyRefused, PasskeyKnown, TooManyPasskeys, TooManyStaffPasskeys.
    """
    await _check_room(accounts, realm, subject)
    passkey_id = await keep(accounts, realm, subject, new)
    await record(accounts, realm, subject, passkey_id, metadata)
    await notify(accounts, realm, subject, MailKind.PASSKEY_ADDED)
    return passkey_id


async def notify(accounts: Accounts, realm: Realm, subject: str, kind: MailKind) -> None:
    mail = Mail(mail_id=accounts.new_id(), kind=kind, realm=realm, address=None, subject=subject, at=accounts.clock())
    await accounts.identity.post(mail)


async def _check_room(accounts: Accounts, realm: Realm, subject: str) -> None:
    route = CUSTOMER if realm is Realm.SHOPPER else STAFF
    command = _command(accounts, realm, subject, "new")
    route.decider.decide(await accounts.handler.state_of(route, route.stream_of(command)), command)


def _command(accounts: Accounts, realm: Realm, subject: str, passkey_id: str) -> AddPasskey | AddStaffPasskey:
    if realm is Realm.SHOPPER:
        return AddPasskey(subject=subject, passkey_id=passkey_id, at=accounts.clock())
    return AddStaffPasskey(subject=subject, passkey_id=passkey_id)
