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


class Handshake(NamedTuple):
    """A login that is under way at the identity provider. `fresh`: it has to ask for the login again."""

    state: str
    nonce: str
    verifier: str
    invitation: str | None
    fresh: bool
    begun_at: datetime


class ProviderLogin(NamedTuple):
    """Who logged in at the identity provider, and when; None where it does not say."""

    issuer: str
    subject: str
    authenticated_at: datetime | None


class IdentityProvider(Protocol):
    """A provider of OpenID Connect. All coroutines raise ProviderAway."""

    @property
    def issuer(self) -> str: ...

    async def address(self, handshake: Handshake) -> str:
        """Where the browser goes to log in."""

    async def login(self, code: str, handshake: Handshake, now: datetime) -> ProviderLogin:
        """Redeem a code. Raises ProviderRefused."""


class ProviderAccounts(Protocol):
    """Accounts at the identity provider by members, and logins under way. All coroutines raise StoreUnavailable."""

    async def begin(self, invitation: str | None, fresh: bool, at: datetime) -> Handshake:
        """A login with secrets of its own. It is good for ten minutes, once."""

    async def take(self, state: str, at: datetime) -> Handshake | None:
        """Use a login under way up; None for one that is over or was used."""

    async def subject_of(self, login: ProviderLogin) -> str | None: ...

    async def bind(self, subject: str, login: ProviderLogin, at: datetime) -> bool:
        """The account is the member's, in the place of an earlier one; False when it is another member's."""

    async def is_bound(self, subject: str) -> bool: ...
