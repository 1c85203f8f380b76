"""What a process knows of staff and of API keys. It is read anew each second."""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from commands.ports import StoreUnavailable
from domain.api_key.decider import ApiKeys
from domain.staff.state import Roster
from projections.engine.ports import StorageUnavailable

STALE_AFTER = 30.0
"""Seconds without a look at the log after which neither staff nor keys are accepted."""

KEY_PREFIX = "cfk_"
NO_DIGEST = sha256(b"").digest()


class StaffUnknown(StoreUnavailable, StorageUnavailable):
    """Who may do what is not known at present."""


class AcceptedKey(NamedTuple):
    """An API key that permits something."""

    key_id: str
    permissions: frozenset[str]
    expires_at: datetime


@dataclass(slots=True)
class StaffAccess:
    """Staff and keys as the log had them a moment ago, with the digests of keys. `used` are keys used since the last
    look."""

    roster: Roster = field(default_factory=Roster)
    keys: ApiKeys = field(default_factory=ApiKeys)
    digests: Mapping[str, bytes] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    read_at: float = field(default_factory=time.monotonic)
    """When the log was last read, on the monotonic clock."""

    def permissions_of(self, subject: str) -> frozenset[str]:
        """What a member of staff may do now. Raises StaffUnknown, also for one who joined less than a second ago."""
        self._check_fresh()
        member = self.roster.members.get(subject)
        if member is None or not member.joined:
            raise StaffUnknown("What this member of staff may do is not known yet.")
        return self.roster.permissions_of(subject)

    def key(self, token: str) -> AcceptedKey | None:
        """The key, if it is one and not over. Raises StaffUnknown."""
        self._check_fresh()
        key_id, _, secret = token.removeprefix(KEY_PREFIX).partition("_")
        known = self.digests.get(key_id)
        right = hmac.compare_digest(digest_of(secret), NO_DIGEST if known is None else known)
        permissions = self.keys.permissions_of(key_id, datetime.now(UTC))
        if known is None or not right or permissions is None:
            return None
        self.used.add(key_id)
        return AcceptedKey(key_id, permissions, self.keys.keys[key_id].expires_at)

    def _check_fresh(self) -> None:
        if time.monotonic() - self.read_at > STALE_AFTER:
            raise StaffUnknown("Who may do what cannot be read.")


def digest_of(secret: str) -> bytes:
    """A secret of 256 random bits needs no salt and no slow hash."""
    return sha256(secret.encode()).digest()
