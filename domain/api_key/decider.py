"""Rules of API keys: each has permissions and an end, and their number is limited."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from immutables import Map

from domain.api_key.commands import ApiKeyCommand, IssueApiKey, RevokeApiKey
from domain.api_key.errors import ApiKeyExists, ApiKeyNotFound, LifetimeOutOfBounds, NotForKeys, TooManyKeys
from domain.api_key.events import ApiKeyEvent, ApiKeyIssued, ApiKeyRevoked
from domain.shared import require
from domain.shared.decider import Decider
from domain.shared.frozen import replace
from domain.staff.permissions import STAFF_PERMISSIONS, Permission, any_of, ordered

KEY_PERMISSIONS = STAFF_PERMISSIONS - {Permission.ADMIN}
"""Who administers staff and keys logs in for it, so that a leaked key makes no further keys."""

LONGEST_NAME, LONGEST_REASON = 100, 200
MOST_LIVE = 200
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=366)


@dataclass(frozen=True, slots=True)
class ApiKey:
    permissions: frozenset[str]
    expires_at: datetime
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """All keys by id, also those that are over."""

    keys: Map[str, ApiKey] = field(default_factory=Map)

    def live(self, at: datetime) -> int:
        return sum(not key.revoked and key.expires_at > at for key in self.keys.values())

    def permissions_of(self, key_id: str, at: datetime) -> frozenset[str] | None:
        """What a key permits; None when it does not exist or is over."""
        key = self.keys.get(key_id)
        return None if key is None or key.revoked or key.expires_at <= at else key.permissions


def decide(keys: ApiKeys, command: ApiKeyCommand) -> Sequence[ApiKeyEvent]:
    """What follows from a command; raises the errors of this folder."""
    match command:
        case IssueApiKey():
            return _issue(keys, command)
        case RevokeApiKey(key_id=key_id, reason=reason):
            require.reason(reason, LONGEST_REASON)
            if (key := keys.keys.get(key_id)) is None:
                raise ApiKeyNotFound(f"There is no API key {key_id}.", "key_id")
            return [] if key.revoked else [ApiKeyRevoked(key_id=key_id, reason=reason)]
        case _:
            assert_never(command)


def _issue(keys: ApiKeys, command: IssueApiKey) -> Sequence[ApiKeyEvent]:
    require.code(command.key_id, "key_id")
    require.reason(command.name, LONGEST_NAME, "name")
    if not command.permissions or (unknown := sorted(set(command.permissions) - KEY_PERMISSIONS)):
        named = repr(unknown[0]) if command.permissions else "Nothing"
        raise NotForKeys(f"{named} is no permission of a key. Choose from {any_of(KEY_PERMISSIONS)}.", "permissions")
    if command.key_id in keys.keys:
        raise ApiKeyExists(f"Key {command.key_id} was issued already. Its secret is not shown again.", "key_id")
    if not SHORTEST <= command.expires_at - command.at <= LONGEST:
        raise LifetimeOutOfBounds(
            f"A key ends after a minute at the earliest, and {LONGEST.days} days at the latest.", "expires_at"
        )
    if keys.live(command.at) >= MOST_LIVE:
        raise TooManyKeys(f"There are {MOST_LIVE} API keys in use. Revoke those that are not needed.")
    permissions = tuple(map(str, ordered(command.permissions)))
    return [
        ApiKeyIssued(key_id=command.key_id, name=command.name, permissions=permissions, expires_at=command.expires_at)
    ]


def evolve(keys: ApiKeys, event: ApiKeyEvent) -> ApiKeys:
    """The keys after the fact."""
    match event:
        case ApiKeyIssued(key_id=key_id, permissions=permissions, expires_at=expires_at):
            return ApiKeys(keys.keys.set(key_id, ApiKey(frozenset(permissions), expires_at)))
        case ApiKeyRevoked(key_id=key_id):
            return ApiKeys(keys.keys.set(key_id, replace(keys.keys[key_id], revoked=True)))
        case _:
            assert_never(event)


api_key_decider = Decider(initial=ApiKeys(), decide=decide, evolve=evolve)
