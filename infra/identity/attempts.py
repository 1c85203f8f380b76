"""Limits on failed logins and on mails, in windows of time.

An attempt counts as failed until it has succeeded, so that many at once are no way around a limit. Names in the
counters are keyed hashes, and each window holds a bounded number of them.
"""

import hmac
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from cachetools import TTLCache

from commands.accounts.errors import TooManyAttempts
from commands.accounts.ports import Attempt, Realm
from infra.identity.addresses import comparable
from infra.security.derived_keys import KeyedHash

MOST_NAMES = 100_000
NONCE_BYTES = 16


class Limit(NamedTuple):
    """So many in so many seconds."""

    name: str
    most: int
    seconds: float


ACCOUNT_FROM_NETWORK = Limit("account-network", 5, 900)
NETWORK = Limit("network", 50, 900)
ACCOUNT = Limit("account", 100, 3600)
"""Beyond it only known devices get in, whatever others try."""

MAILS_TO_ADDRESS = Limit("mails-address", 5, 3600)
MAILS_FROM_NETWORK = Limit("mails-network", 30, 3600)
CHALLENGES_TO_NETWORK = Limit("challenges-network", 200, 900)
GUESTS_FROM_NETWORK = Limit("guests-network", 1_000, 3600)


class Windows(Protocol):
    """Counts by limit and name."""

    async def count(self, limit: Limit, name: str) -> float:
        """Count one, unless the window is full; answers the seconds until it is over, 0 when it was counted."""

    async def take_back(self, limit: Limit, name: str, *, all_of_it: bool = False) -> None:
        """One less, or none any more."""


@dataclass(slots=True)
class LocalWindows:
    """Implements Windows in the memory of this process. `share` is the part of each limit that it allows."""

    clock: Callable[[], float] = time.monotonic
    most_names: int = MOST_NAMES
    share: float = 1.0
    _counts: dict[str, TTLCache[str, tuple[int, float]]] = field(default_factory=dict)

    async def count(self, limit: Limit, name: str) -> float:
        counts, now = self._of(limit), self.clock()
        so_far, until = counts.get(name, (0, now + limit.seconds))
        if until <= now:
            so_far, until = 0, now + limit.seconds
        if so_far >= max(1, int(limit.most * self.share)):
            return until - now
        counts[name] = so_far + 1, until
        return 0.0

    async def take_back(self, limit: Limit, name: str, *, all_of_it: bool = False) -> None:
        counts = self._of(limit)
        if (found := counts.get(name)) is None:
            return
        if all_of_it:
            counts.pop(name, None)
        else:
            counts[name] = max(0, found[0] - 1), found[1]

    def _of(self, limit: Limit) -> TTLCache[str, tuple[int, float]]:
        if limit.name not in self._counts:
            self._counts[limit.name] = TTLCache(self.most_names, limit.seconds, self.clock)
        return self._counts[limit.name]


@dataclass(frozen=True, slots=True)
class LoginAttempts:
    """Implements commands.accounts.ports.Attempts."""

    windows: Windows
    names: KeyedHash
    devices: KeyedHash

    async def begin(self, attempt: Attempt) -> None:
        known = self._is_known(attempt)
        limits = self._limits(attempt)
        if known:
            limits = [(limit, name) for limit, name in limits if limit is not ACCOUNT]
        counted = list[tuple[Limit, str]]()
        for limit, name in limits:
            if (wait := await self.windows.count(limit, name)) > 0:
                for one in counted:
                    await self.windows.take_back(*one)
                raise TooManyAttempts(wait)
            counted.append((limit, name))

    async def succeeded(self, attempt: Attempt) -> None:
        for limit, name in self._limits(attempt):
            if limit is ACCOUNT and self._is_known(attempt):
                continue
            await self.windows.take_back(limit, name, all_of_it=limit is ACCOUNT_FROM_NETWORK)

    async def mail(self, realm: Realm, address: str, network: str) -> None:
        for limit, name in (
            (MAILS_FROM_NETWORK, self._name(network)),
            (MAILS_TO_ADDRESS, self._name(realm, comparable(address))),
        ):
            if (wait := await self.windows.count(limit, name)) > 0:
                raise TooManyAttempts(wait)

    async def challenge(self, network: str) -> None:
        if (wait := await self.windows.count(CHALLENGES_TO_NETWORK, self._name(network))) > 0:
            raise TooManyAttempts(wait)

    async def guest(self, network: str) -> None:
        if (wait := await self.windows.count(GUESTS_FROM_NETWORK, self._name(network))) > 0:
            raise TooManyAttempts(wait)

    def device(self, address: str) -> str:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return urlsafe_b64encode(nonce + self.devices.digest(nonce + comparable(address).encode())).decode()

    def _is_known(self, attempt: Attempt) -> bool:
        """A device token speaks for the account that it was given to, whose address names it here."""
        if attempt.device is None:
            return False
        try:
            token = urlsafe_b64decode(attempt.device)
        except ValueError:
            return False
        nonce, mark = token[:NONCE_BYTES], token[NONCE_BYTES:]
        named = comparable(attempt.address).encode()
        return any(hmac.compare_digest(mark, it) for it in self.devices.digests(nonce + named))

    def _limits(self, attempt: Attempt) -> Sequence[tuple[Limit, str]]:
        account = self._name(attempt.realm, comparable(attempt.address))
        network = self._name(attempt.network)
        return [(ACCOUNT_FROM_NETWORK, account + network), (NETWORK, network), (ACCOUNT, account)]

    def _name(self, *parts: str) -> str:
        return self.names.digest("\n".join(parts).encode()).hex()[:24]
