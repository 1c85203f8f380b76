"""The second factor of members of staff: a passkey, a code of an authenticator app, or a recovery code.

Members whose roles demand one enrol at their next login: a challenge proves the password, `enrol` makes a secret, and
the first right code confirms it. A login by passkey needs no second step, since a passkey proves two factors. A member
who has either logs in with it: neither the password nor a mailed link alone adds another.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from commands.accounts.login import authenticated
from commands.accounts.ports import Attempt, Granted, Realm
from commands.accounts.services import Accounts
from commands.passkeys import changing
from commands.passkeys.adding import NewPasskey
from commands.passkeys.ports import Document
from commands.routes import STAFF, STAFF_ROSTER
from commands.staff import inviting
from commands.staff.ports import SecondFactors
from domain.shared.derived import derived_id
from domain.shared.errors import Conflict, DomainError
from domain.shared.personal import Sealed
from domain.shared.recorded import Metadata
from domain.staff.state import Roster

RECOVERY_CODES = 10
RECOVERY_BYTES = 10


class SecondFactorRequired(DomainError):
    """A second factor is needed to log in."""

    def __init__(self, challenge: str, enrolled: bool, passkey: bool = False) -> None:
        following = "Send a code with the challenge." if enrolled else "Enrol with the challenge, then send a code."
        if passkey:
            following = f"Log in with a passkey. {following if enrolled else ''}".strip()
        super().__init__(f"This login needs a second factor. {following}")
        self.challenge = challenge
        self.enrolled = enrolled
        self.passkey = passkey


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


class HasSecondFactor(Conflict):
    """The member has a second factor, which a mailed link does not replace."""


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

    async def start(self, subject: str, device: str | None, authenticated_at: datetime | None = None) -> Granted:
        """A session of one whose first factor is right, now or at a time. Raises SecondFactorRequired."""
        enrolled, passkey = await self._factors_of(subject)
        if enrolled or passkey or (await self._roster()).needs_second_factor(subject):
            raise SecondFactorRequired(self.factors.challenge(subject, self.accounts.clock()), enrolled, passkey)
        return await self._session(subject, device, authenticated_at)

    async def join_options(self, token: str) -> Document:
        """Options for a passkey behind an invitation. Raises LinkNotValid, HasSecondFactor, NoPasskeysHere."""
        await self._check_has_none((await inviting.invited(self.accounts, token))[1])
        return await inviting.passkey_options(self.accounts, token)

    async def join(self, token: str, chosen: str | NewPasskey, device: str | None) -> Granted:
        """Join with the password or passkey that was chosen behind an invitation, and log in.

        Raises SecondFactorRequired, HasSecondFactor, and as inviting.join does.
        """
        if isinstance(chosen, str):
            return await self.start(await inviting.join(self.accounts, token, chosen), device)
        await self._check_has_none((await inviting.invited(self.accounts, token))[1])
        return await self._session(await inviting.join(self.accounts, token, chosen), device)

    async def enrol(self, challenge: str) -> NewSecret:
        """A secret that the next right code confirms. Raises ChallengeOver, AlreadyEnrolled."""
        subject = await self._challenged(challenge)
        if any(await self._factors_of(subject)):
            raise AlreadyEnrolled("There is a second factor already. Log in with it, or send a recovery code.")
        return await self._new_secret(subject)

    async def enrol_own(self, subject: str) -> NewSecret:
        """As `enrol`, of a member who has logged in. Raises AlreadyEnrolled."""
        if (await self.factors.enrolment_of(subject)).secret is not None:
            raise AlreadyEnrolled("There is an authenticator app already. An administrator can remove it.")
        return await self._new_secret(subject)

    async def confirm_own(self, subject: str, code: str, network: str) -> Sequence[str]:
        """Use the secret of `enrol_own` from now on; answers the recovery codes. Raises WrongCode, TooManyAttempts."""
        attempt = await self._begin(subject, network)
        _, pending = await self.factors.enrolment_of(subject)
        codes = None if pending is None else await self._confirmed(subject, pending, code)
        if codes is None:
            raise WrongCode
        await self.accounts.attempts.succeeded(attempt)
        return codes

    async def remove(self, subject: str, metadata: Metadata) -> None:
        """Remove the app, the recovery codes and all passkeys of a member who has lost them."""
        await self.factors.remove(subject)
        for passkey in await self.accounts.passkeys.of(subject):
            removal = metadata._replace(command_id=derived_id(metadata.command_id, str(passkey.passkey_id)))
            await changing.remove(self.accounts, Realm.STAFF, subject, passkey.passkey_id, removal, another_way=True)

    async def enter(self, challenge: str, code: str, network: str, device: str | None) -> Entered:
        """A session for a right code. Raises ChallengeOver, WrongCode, TooManyAttempts."""
        subject, now = await self._challenged(challenge), self.accounts.clock()
        attempt = await self._begin(subject, network)
        secret, pending = await self.factors.enrolment_of(subject)
        new: Sequence[str] | None = None
        if secret is not None:
            step = self.factors.step_of(await self._opened(secret), code, now)
            right = (
                await self.factors.use_recovery_code(subject, code)
                if step is None
                else await self.factors.use_step(subject, step)
            )
        else:
            new = None if pending is None else await self._confirmed(subject, pending, code)
            right = new is not None
        if not right:
            raise WrongCode
        await self.accounts.attempts.succeeded(attempt)
        return Entered(await self._session(subject, device), new or ())

    async def end_sessions_without(self) -> None:
        """End the sessions of members who need a second factor and have none: they enrol at their next login."""
        roster, enrolled = await self._roster(), set(await self.factors.enrolled())
        for subject, member in roster.members.items():
            if subject not in enrolled and not member.passkeys and roster.needs_second_factor(subject):
                await self.accounts.identity.end_all(subject, self.accounts.clock())

    async def _factors_of(self, subject: str) -> tuple[bool, bool]:
        """Whether the member has an authenticator app, and whether a passkey."""
        enrolled = (await self.factors.enrolment_of(subject)).secret is not None
        member = (await self._roster()).members.get(subject)
        return enrolled, member is not None and bool(member.passkeys)

    async def _check_has_none(self, subject: str) -> None:
        if any(await self._factors_of(subject)):
            raise HasSecondFactor("Choose a password behind this link, log in with both, and add the passkey then.")

    async def _new_secret(self, subject: str) -> NewSecret:
        secret, sealed = self.factors.new_secret(), await self.accounts.identity.claimed_address_of(subject)
        address = "staff" if sealed is None else await self._opened(sealed)
        await self.factors.prepare(
            subject, await self.accounts.vault.seal(subject, secret.encode()), self.accounts.clock()
        )
        return NewSecret(secret, self.factors.address_of(secret, address))

    async def _confirmed(self, subject: str, pending: Sealed, code: str) -> Sequence[str] | None:
        """The recovery codes, if the code confirms the secret."""
        now = self.accounts.clock()
        step = self.factors.step_of(await self._opened(pending), code, now)
        new = [secrets.token_hex(RECOVERY_BYTES) for _ in range(RECOVERY_CODES)]
        return new if step is not None and await self.factors.confirm(subject, step, new, now) else None

    async def _begin(self, subject: str, network: str) -> Attempt:
        attempt = Attempt(realm=Realm.STAFF, address=f"second factor of {subject}", network=network)
        await self.accounts.attempts.begin(attempt)
        return attempt

    async def _session(self, subject: str, device: str | None, authenticated_at: datetime | None = None) -> Granted:
        now = self.accounts.clock()
        return await self.accounts.identity.start(Realm.STAFF, subject, device, now, authenticated_at=authenticated_at)

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
