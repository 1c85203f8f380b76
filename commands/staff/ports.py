"""What staff and API keys need beside the log."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from domain.shared.personal import Sealed


class KeyDigests(Protocol):
    """The digests of API keys, which are secrets and no facts."""

    async def add(self, key_id: str, secret: str, at: datetime) -> bool:
        """Store the digest of a secret; False when the key has one already. Raises StoreUnavailable."""


class Enrolment(NamedTuple):
    """The sealed secrets of a member: the one that is in use, and one that no code has confirmed yet."""

    secret: Sealed | None
    pending: Sealed | None


class SecondFactors(Protocol):
    """Time-based codes (TOTP, RFC 6238) and recovery codes. All coroutines raise StoreUnavailable."""

    def challenge(self, subject: str, at: datetime) -> str:
        """A text that says for some minutes that the subject has given the right password."""

    def subject_of(self, challenge: str, at: datetime) -> str | None: ...

    def new_secret(self) -> str: ...

    def address_of(self, secret: str, account: str) -> str:
        """The secret for an authenticator app (otpauth://)."""

    def step_of(self, secret: str, code: str, at: datetime) -> int | None:
        """Which step of time the code belongs to; None when it is wrong or over."""

    async def enrolment_of(self, subject: str) -> Enrolment: ...

    async def enrolled(self) -> Collection[str]:
        """The subjects that have a second factor."""

    async def prepare(self, subject: str, secret: Sealed, at: datetime) -> None:
        """Keep a secret until a code confirms it. It takes the place of an earlier one."""

    async def confirm(self, subject: str, step: int, recovery_codes: Sequence[str], at: datetime) -> bool:
        """Use the prepared secret from now on; False when there is none any more."""

    async def use_step(self, subject: str, step: int) -> bool:
        """Use a code up, with all earlier ones; False when it was used."""

    async def use_recovery_code(self, subject: str, code: str) -> bool:
        """Use a recovery code up; False when it is none, or was used."""

    async def remove(self, subject: str) -> None: ...
