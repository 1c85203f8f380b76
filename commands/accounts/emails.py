"""Changing the address of an account: asked for with the password, done by the link that is mailed to the new one."""

from uuid import UUID

from commands.accounts.errors import LinkNotValid
from commands.accounts.passwords import check_current
from commands.accounts.ports import LinkKind, MailKind, Realm
from commands.accounts.registering import claim
from commands.accounts.services import Accounts, by
from domain.customer.commands import ChangeEmail
from domain.shared.derived import derived_id


async def ask(accounts: Accounts, subject: str, address: str, password: str | None, network: str) -> None:
    """Mail a link to the new address. `password` is None for an account without one.

    Raises WrongCredentials, TooManyAttempts, Busy.
    """
    await accounts.attempts.mail(Realm.SHOPPER, address, network)
    await check_current(accounts, subject, password)
    await accounts.write(MailKind.EMAIL, subject, address)


async def confirm(accounts: Accounts, token: str) -> UUID:
    """Change the address, and notify both. Raises LinkNotValid, AddressTaken. Returns the id of that mail."""
    link = await accounts.identity.link(token, LinkKind.EMAIL, accounts.clock())
    if link is None or link.subject is None:
        raise LinkNotValid
    subject, before = link.subject, await accounts.identity.address_of(link.subject)
    email = await accounts.vault.seal(subject, link.address.encode())
    await claim(accounts, link.address, subject, email)
    change = ChangeEmail(subject=subject, email=email, at=accounts.clock())
    await accounts.handler(change, by(subject, derived_id(link.mail_id, "email")))
    if not await accounts.identity.change_address(token, subject, accounts.clock()):
        raise LinkNotValid
    old = None if before is None else await accounts.vault.open(before)
    for address in {link.address, *([] if old is None else [old.decode()])}:
        await accounts.write(MailKind.EMAIL_CHANGED, subject, address)
    return link.mail_id
