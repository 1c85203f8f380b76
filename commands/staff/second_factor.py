"""The second factor of members of staff: a code of an authenticator app, or a recovery code. Each is good once.

Members whose roles demand one enrol at their next login: a challenge proves the password, `enrol` makes a secret, and
the first right code confirms it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from commands.accounts.login import authenticated
from commands.accounts.ports import Attempt, Granted, Realm
from commands.accounts.services import Accounts
from commands.routes import STAFF, STAFF_ROSTER
from commands.staff.ports import SecondFactors
from domain.shared.errors import Conflict, DomainError
from domain.shared.personal import Sealed
from domain.staff.state import Roster

RECOVERY_CODES = 10
RECOVERY_BYTES = 10


class SecondFactorRequired(DomainError):
    """A second factor is needed to log in."""

    def __init__(self, challenge: str, enrolled: bool) -> None:
        following = "Send a code with the challenge." if enrolled else "Enrol with the challenge, then send a code."
        super().__init__(f"This login needs a second factor. {following}")
        self.challenge = challenge
        self.enrolled = enrolled


class WrongCode(DomainError):
    """The code is wrong, was used, or is over."""

    def __init__(self) -> None:
        super().__init__("The code is wrong, was used, or is over. Wait for the next one.")


class ChallengeOver(DomainError):
    """The challenge is over."""

    def __init__(self) -> None:
        super().__init__("The challenge is over. Log in again.")


class AlreadyEnrolled(Conflict):
    """The member has a second factor."""


class NewSecret(NamedTuple):
    """What an authenticator app takes in."""

    secret: str
    address: str


class Entered(NamedTuple):
    """A session, and the recovery codes of a member who has just enrolled."""

    granted: Granted
    recovery_codes: Sequence[str]


@dataclass(frozen=True, slots=True)
class StaffLogin:
    """Logs members of staff in."""

    accounts: Accounts
    factors: SecondFactors

    async def log_in(self, attempt: Attempt, password: str, device: str | None) -> Granted:
        """Raises WrongCredentials, SecondFactorRequired, TooManyAttempts, Busy."""
        return await self.start(await authenticated(self.accounts, attempt, password), device)

    async def start(self, subject: str, device: str | None) -> Granted:
        """A session of one whose password is right. Raises SecondFactorRequired."""
        enrolled = (await self.factors.enrolment_of(subject)).secret is not None
        if enrolled or (await self._roster()).needs_second_factor(subject):
            raise SecondFactorRequired(self.factors.challenge(subject, self.accounts.clock()), enrolled)
        return await self.accounts.identity.start(Realm.STAFF, subject, device, self.accounts.clock())

    async def enrol(self, challenge: str, shop: str) -> NewSecret:
        """A secret that the next right code confirms. Raises ChallengeOver, AlreadyEnrolled."""
        subject = await self._challenged(challenge)
        if (await self.factors.enrolment_of(subject)).secret is not None:
            raise AlreadyEnrolled("There is a second factor already. Send a code of it, or a recovery code.")
        secret = self.factors.new_secret()
        sealed = await self.accounts.vault.seal(subject, secret.encode())
        await self.factors.prepare(subject, sealed, self.accounts.clock())
        return NewSecret(secret, self.factors.address_of(secret, shop))

    async def enter(self, challenge: str, code: str, network: str, device: str | None) -> Entered:
        """A session for a right code. Raises ChallengeOver, WrongCode, TooManyAttempts."""
        subject, now = await self._challenged(challenge), self.accounts.clock()
        attempt = Attempt(realm=Realm.STAFF, address=f"second factor of {subject}", network=network)
        await self.accounts.attempts.begin(attempt)
        secret, pending = await self.factors.enrolment_of(subject)
        new = list[str]()
        if secret is not None:
            step = self.factors.step_of(await self._opened(secret), code, now)
            right = (
                await self.factors.use_recovery_code(subject, code)
                if step is None
                else await self.factors.use_step(subject, step)
            )
        elif pending is not None and (step := self.factors.step_of(await self._opened(pending), code, now)) is not None:
            new = [secrets.token_hex(RECOVERY_BYTES) for _ in range(RECOVERY_CODES)]
            right = await self.factors.confirm(subject, step, new, now)
        else:
            right = False
        if not right:
            raise WrongCode
        await self.accounts.attempts.succeeded(attempt)
        return Entered(await self.accounts.identity.start(Realm.STAFF, subject, device, now), new)

    async def end_sessions_without(self) -> None:
        """End the sessions of members who need a second factor and have none: they enrol at their next login."""
        roster, enrolled = await self._roster(), set(await self.factors.enrolled())
        for subject in roster.members:
            if subject not in enrolled and roster.needs_second_factor(subject):
                await self.accounts.identity.end_all(subject, self.accounts.clock())

    async def _challenged(self, challenge: str) -> str:
        subject = self.factors.subject_of(challenge, self.accounts.clock())
        if subject is None or subject not in (await self._roster()).members:
            raise ChallengeOver
        return subject

    async def _opened(self, sealed: Sealed) -> str:
        opened = await self.accounts.vault.open(sealed)
        if opened is None:
            raise ChallengeOver
        return opened.decode()

    async def _roster(self) -> Roster:
        roster: Roster = await self.accounts.handler.state_of(STAFF, STAFF_ROSTER)
        return roster
