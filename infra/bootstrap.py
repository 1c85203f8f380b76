"""The one composition root: which adapter stands behind which port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from commands.ports import EventStore
from infra.codec import JsonCodec
from infra.eventstore.opening import Opened, open_event_store
from infra.eventstore.upcasters import UPCASTERS
from infra.settings import Settings
from infra.tokens import Tokens


class NoDatabase(Exception):
    """Nobody said which database to use."""


def codec() -> JsonCodec:
    return JsonCodec(UPCASTERS)


def database_of(settings: Settings) -> str:
    """The database that is set. Raises NoDatabase."""
    if settings.database is None:
        raise NoDatabase("Set COUNTERFOIL_DATABASE, or run everything with: counterfoil up")
    return settings.database


def tokens(settings: Settings) -> Tokens:
    """Raises WeakSecret."""
    return Tokens(_secret(settings.token_secret).encode())


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Opened]:
    """The event store and its snapshots, closed at the end. Raises UnknownStore, StoreUnavailable."""
    both = await open_event_store(settings.event_store or database_of(settings))
    try:
        yield both
    finally:
        await both.store.close()


@asynccontextmanager
async def event_store(settings: Settings) -> AsyncIterator[EventStore]:
    """The event store alone."""
    async with opened(settings) as both:
        yield both.store


def _secret(value: SecretStr | None) -> str:
    """Settings come here complete, from infra.data_folder.with_secrets."""
    if value is None:
        raise ValueError("The settings lack a secret.")
    return value.get_secret_value()
