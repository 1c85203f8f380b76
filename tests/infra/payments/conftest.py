"""A gateway in memory and in PostgreSQL, with a clock that tests set."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from infra.payments.book import Book, MemoryBook
from infra.payments.gateway import TestGateway
from infra.payments.postgres import PostgresBook
from infra.postgres.sessions import Sessions

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@dataclass(slots=True)
class Watch:
    """A clock that moves when it is told to."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture(params=["memory", "postgres"])
async def book(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Book]:
    if request.param == "memory":
        yield MemoryBook()
        return
    sessions = Sessions(database_url, "test", 1)
    stored = PostgresBook(sessions)
    await stored.prepare()
    yield stored
    await sessions.close()


@pytest.fixture
def gateway(book: Book, watch: Watch) -> TestGateway:
    return TestGateway(book, watch, "https://bank.test/")
