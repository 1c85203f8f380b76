"""Issuing an API key: its digest first, then the fact. Only both together make a key."""

import secrets
from typing import NamedTuple

from commands.handler import CommandHandler
from commands.ports import Appended
from commands.routes import API_KEY
from commands.staff.ports import KeyDigests
from domain.api_key.commands import IssueApiKey
from domain.api_key.decider import ApiKeys
from domain.api_key.errors import ApiKeyExists
from domain.shared.recorded import Metadata

SECRET_BYTES = 32


class Issued(NamedTuple):
    """A key as its holder gets it, once."""

    at: Appended
    key: str


async def issue(handler: CommandHandler, digests: KeyDigests, command: IssueApiKey, metadata: Metadata) -> Issued:
    """Issue a key. A repeated command is refused, since the secret is not kept. Raises the errors of domain.api_key."""
    keys: ApiKeys = await handler.state_of(API_KEY, API_KEY.stream_of(command))
    API_KEY.decider.decide(keys, command)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    if not await digests.add(command.key_id, secret, command.at):
        raise ApiKeyExists("This request issued a key already. Revoke it, and send another Idempotency-Key.", "key_id")
    return Issued(await handler(command, metadata), f"cfk_{command.key_id}_{secret}")
