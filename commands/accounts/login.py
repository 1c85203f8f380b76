"""Logging in and out. A wrong password and an address without an account are the same, also in time."""

from base64 import urlsafe_b64encode
from uuid import UUID

from commands.accounts.errors import SessionNotFound, SessionOver, WrongCredentials
from commands.accounts.ports import Attempt, Granted
from commands.accounts.services import Accounts, by
from domain.customer.commands import RecordSessionsEnded
from domain.shared.personal import Sealed

DECOY = urlsafe_b64encode(bytes(160)).decode()
"""Has the length of a sealed password."""


async def authenticated(accounts: Accounts, attempt: Attempt, password: str) -> str:
    """The subject whose password it is. Raises WrongCredentials, TooManyAttempts, Busy."""
    await accounts.attempts.begin(attempt)
    login = await accounts.identity.login_of(attempt.realm, attempt.address)
    hashed = None
    if login is not None and login.password is not None:
        hashed = await accounts.vault.open(login.password)
    else:
        await accounts.vault.open(Sealed(subject=attempt.address, ciphertext=DECOY))  # as long as opening one takes
    if not await accounts.passwords.verify(password, hashed) or login is None or hashed is None:
        raise WrongCredentials
    assert login.password is not None
    await accounts.attempts.succeeded(attempt)
    if accounts.passwords.is_outdated(hashed):
        anew = await accounts.vault.seal(login.subject, await accounts.passwords.hash(password))
        await accounts.identity.rehash(login.subject, login.password, anew)
    return login.subject


async def log_in(accounts: Accounts, attempt: Attempt, password: str, device: str | None) -> Granted:
    """Start a session. Raises WrongCredentials, TooManyAttempts, Busy."""
    subject = await authenticated(accounts, attempt, password)
    return await accounts.identity.start(attempt.realm, subject, device, accounts.clock())


async def refreshed(accounts: Accounts, token: str) -> Granted:
    """The session goes on with the successor of a refresh token. Raises SessionOver."""
    granted = await accounts.identity.refresh(token, accounts.clock())
    if granted is None:
        raise SessionOver
    return granted


async def end_session(accounts: Accounts, subject: str, session_id: UUID) -> None:
    """End a session of one's own. Raises SessionNotFound."""
    if not await accounts.identity.end(subject, session_id, accounts.clock()):
        raise SessionNotFound(f"There is no session {session_id} of yours.", "session_id")


async def log_out_everywhere(accounts: Accounts, subject: str, command_id: UUID, reason: str) -> None:
    """End all sessions of a shopper."""
    now = accounts.clock()
    await accounts.identity.end_all(subject, now)
    await accounts.handler(RecordSessionsEnded(subject=subject, reason=reason, at=now), by(subject, command_id))
