"""Registering: the address first, a password or a passkey behind the link that is mailed to it.

The address is claimed before the account's first event and confirmed after it. A claim that was never confirmed is
settled by whether its stream exists. A passkey is a fact last: a crash before it leaves an account that a new password
opens.
"""

from datetime import timedelta

import msgspec

from commands.accounts.errors import AddressTaken, LinkNotValid
from commands.accounts.ports import Claim, Granted, Link, LinkKind, Mail, MailKind, Realm
from commands.accounts.services import Accounts, by
from commands.passkeys import adding
from commands.passkeys.adding import NewPasskey
from commands.passkeys.ports import Document
from commands.routes import CUSTOMER
from domain.customer.commands import RegisterCustomer
from domain.customer.state import Customer
from domain.shared.derived import derived_id
from domain.shared.personal import Sealed

CLAIM_SETTLED_AFTER = timedelta(minutes=10)
PREFIX = "shopper-"


async def ask(accounts: Accounts, kind: MailKind, address: str, network: str, realm: Realm = Realm.SHOPPER) -> None:
    """Queue a mail with a link; whether there is an account is looked up when it is sent. Raises TooManyAttempts."""
    await accounts.attempts.mail(realm, address, network)
    await accounts.identity.post(
        Mail(mail_id=accounts.new_id(), kind=kind, realm=realm, address=address, subject=None, at=accounts.clock())
    )


async def passkey_options(accounts: Accounts, token: str) -> Document:
    """Options for the passkey of the account behind the link. Raises LinkNotValid, NoPasskeysHere."""
    link = await _link(accounts, token)
    return await adding.options(accounts, Realm.SHOPPER, subject_of(link), link.address)


async def complete(
    accounts: Accounts, token: str, chosen: str | NewPasskey, name: str | None, device: str | None
) -> Granted:
    """Make the account behind the link with the password or passkey that was chosen, and log in.

    Raises LinkNotValid, WeakPassword, PasskeyRefused, PasskeyKnown, AddressTaken, Busy.
    """
    link = await _link(accounts, token)
    subject = subject_of(link)
    if isinstance(chosen, str):
        accounts.passwords.check(chosen, link.address, name or "")
    email = await accounts.vault.seal(subject, link.address.encode())
    await claim(accounts, link.address, subject, email)
    hashed = passkey_id = None
    if isinstance(chosen, str):
        hashed = await accounts.vault.seal(subject, await accounts.passwords.hash(chosen))
    else:
        passkey_id = await adding.keep(accounts, Realm.SHOPPER, subject, chosen)
    profile = None if name is None else await accounts.vault.seal(subject, msgspec.json.encode({"name": name}))
    registration = RegisterCustomer(subject=subject, email=email, profile=profile, at=accounts.clock())
    if not (await _account(accounts, subject)).exists:
        await accounts.handler(registration, by(subject, derived_id(link.mail_id, "register")))
    if not await accounts.identity.register(token, subject, hashed, accounts.clock()):
        raise LinkNotValid
    if passkey_id is not None:
        by_link = by(subject, derived_id(link.mail_id, "passkey"))
        await adding.record(accounts, Realm.SHOPPER, subject, passkey_id, by_link)
    return await accounts.identity.start(Realm.SHOPPER, subject, device, accounts.clock())


async def _link(accounts: Accounts, token: str) -> Link:
    link = await accounts.identity.link(token, LinkKind.REGISTER, accounts.clock())
    if link is None or link.realm is not Realm.SHOPPER:
        raise LinkNotValid
    return link


def subject_of(link: Link) -> str:
    """The account that a link makes: the same one when it is followed again after a crash."""
    return f"{PREFIX}{derived_id(link.mail_id, 'subject')}"


async def claim(accounts: Accounts, address: str, subject: str, sealed: Sealed) -> None:
    """Claim an address, and settle another's claim that was never confirmed. Raises AddressTaken."""
    for _ in range(2):
        now = accounts.clock()
        found = await accounts.identity.claim(Realm.SHOPPER, address, subject, sealed, now)
        if found.subject == subject:
            return
        if found.confirmed or found.claimed_at + CLAIM_SETTLED_AFTER > now:
            break
        if not await _settle(accounts, address, found):
            break
    raise AddressTaken("This address belongs to an account already. Log in, or ask for a new password.")


async def _settle(accounts: Accounts, address: str, claimed: Claim) -> bool:
    """Whether the address is free: it never became the address of the account that claimed it."""
    email = (await _account(accounts, claimed.subject)).email
    stored = None if email is None else await accounts.vault.open(email)
    if stored is not None and accounts.identity.same(stored.decode(), address):
        await accounts.identity.confirm(Realm.SHOPPER, address, claimed.subject)
        return False
    await accounts.identity.free(Realm.SHOPPER, address, claimed.subject)
    return True


async def _account(accounts: Accounts, subject: str) -> Customer:
    account: Customer = await accounts.handler.state_of(CUSTOMER, f"customer-{subject}")
    return account
