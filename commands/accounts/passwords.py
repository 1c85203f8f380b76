"""Setting a password anew: behind a mailed link, or by the shopper who knows the present one."""

from uuid import UUID

from commands.accounts.errors import LinkNotValid, WrongCredentials
from commands.accounts.ports import LinkKind, MailKind, Realm
from commands.accounts.services import Accounts, by
from domain.customer.commands import PasswordChange, RecordPasswordChange
from domain.shared.derived import derived_id


async def reset(accounts: Accounts, token: str, password: str) -> None:
    """Set a password behind the link, and end all sessions. Raises LinkNotValid, WeakPassword, Busy."""
    link = await accounts.identity.link(token, LinkKind.RESET, accounts.clock())
    if link is None or link.subject is None or link.realm is not Realm.SHOPPER:
        raise LinkNotValid
    subject, now = link.subject, accounts.clock()
    accounts.passwords.check(password, link.address)
    hashed = await accounts.vault.seal(subject, await accounts.passwords.hash(password))
    changed = RecordPasswordChange(subject=subject, how=PasswordChange.RESET, at=now)
    if not await accounts.identity.reset(token, subject, hashed, now):
        raise LinkNotValid
    await accounts.handler(changed, by(subject, derived_id(link.mail_id, "reset")))
    await accounts.write(MailKind.PASSWORD_CHANGED, subject)


async def change(
    accounts: Accounts, subject: str, session: UUID, current: str | None, password: str, command_id: UUID
) -> None:
    """Set a password by the present one, and end all other sessions. Raises WrongCredentials, WeakPassword, Busy.

    `current` is None for an account that opens with passkeys only.
    """
    await check_current(accounts, subject, current)
    address = await accounts.identity.address_of(subject)
    email = None if address is None else await accounts.vault.open(address)
    accounts.passwords.check(password, "" if email is None else email.decode())
    hashed, now = await accounts.vault.seal(subject, await accounts.passwords.hash(password)), accounts.clock()
    await accounts.identity.set_password(subject, hashed, now, kept=session)
    changed = RecordPasswordChange(subject=subject, how=PasswordChange.CHANGED, at=now)
    await accounts.handler(changed, by(subject, command_id))
    await accounts.write(MailKind.PASSWORD_CHANGED, subject)


async def check_current(accounts: Accounts, subject: str, password: str | None) -> None:
    """None is right where there is no password. Raises WrongCredentials, Busy."""
    sealed = await accounts.identity.password_of(subject)
    if password is None:
        if sealed is not None:
            raise WrongCredentials
        return
    hashed = None if sealed is None else await accounts.vault.open(sealed)
    if not await accounts.passwords.verify(password, hashed):
        raise WrongCredentials
