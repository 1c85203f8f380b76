"""Sessions of browsers in PostgreSQL: shared by processes, changed by one at a time, unreadable without the cookie."""

import asyncio
from collections.abc import AsyncIterator
from time import time

import asyncpg
import pytest
from msgspec.structs import replace

import infra.web.sessions
from infra.postgres.sessions import Sessions as Connections
from infra.web.sessions import PostgresSessions
from web.ports import Session, SessionsUnavailable

COOKIE = "two-hundred-and-fifty-six-bits"
GUEST = Session(subject="guest-1", roles=("shopper",), token="token-1", expires=4e9, ends=time() + 3600)


@pytest.fixture
async def sessions(database_url: str) -> AsyncIterator[PostgresSessions]:
    connections = Connections(database_url, "test", 3)
    store = PostgresSessions(connections)
    await store.prepare()
    yield store
    await connections.close()


async def rows(database_url: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database_url)
    found = await connection.fetch("select id, sealed from web.sessions")
    await connection.close()
    return list(found)


async def test_another_process_finds_a_session(sessions: PostgresSessions, database_url: str) -> None:
    await sessions.put(COOKIE, GUEST)
    other = Connections(database_url, "another", 1)
    assert await PostgresSessions(other).find(COOKIE) == GUEST
    await other.close()


async def test_the_store_tells_nothing_of_a_session(sessions: PostgresSessions, database_url: str) -> None:
    await sessions.put(COOKIE, GUEST)
    (row,) = await rows(database_url)
    for hidden in (COOKIE, "guest-1", "token-1"):
        assert hidden.encode() not in row["id"] + row["sealed"]


async def test_a_row_moved_to_another_session_does_not_open(sessions: PostgresSessions, database_url: str) -> None:
    await sessions.put(COOKIE, GUEST)
    await sessions.put("another", replace(GUEST, subject="guest-2"))
    connection = await asyncpg.connect(database_url)
    await connection.execute("update web.sessions set sealed = (select min(sealed) from web.sessions)")
    await connection.close()
    found = [await sessions.find(COOKIE), await sessions.find("another")]
    assert sum(it is None for it in found) == 1


async def test_a_session_that_has_ended_is_not_found_and_is_removed(
    sessions: PostgresSessions, database_url: str
) -> None:
    await sessions.put(COOKIE, replace(GUEST, ends=time() - 1))
    assert await sessions.find(COOKIE) is None
    await sessions.remove_ended()
    assert await rows(database_url) == []


async def test_a_removed_session_is_gone(sessions: PostgresSessions) -> None:
    await sessions.put(COOKIE, GUEST)
    await sessions.remove(COOKIE)
    await sessions.remove(COOKIE)
    assert await sessions.find(COOKIE) is None
    assert await sessions.change(COOKIE, lambda it: asyncio.sleep(0, it)) is None


async def test_processes_change_a_session_one_after_the_other(sessions: PostgresSessions) -> None:
    await sessions.put(COOKIE, GUEST)

    async def one_more(present: Session) -> Session:
        await asyncio.sleep(0)
        return replace(present, carts=present.carts + 1)

    await asyncio.gather(*(sessions.change(COOKIE, one_more) for _ in range(20)))
    found = await sessions.find(COOKIE)
    assert found is not None
    assert found.carts == 20


async def test_a_change_that_fails_changes_nothing(sessions: PostgresSessions) -> None:
    await sessions.put(COOKIE, GUEST)

    async def fails(_present: Session) -> Session:
        raise LookupError

    with pytest.raises(LookupError):
        await sessions.change(COOKIE, fails)
    assert await sessions.find(COOKIE) == GUEST


async def test_a_database_that_is_away_is_named_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(infra.web.sessions, "PATIENCE", 0.1)
    connections = Connections("postgresql://nobody@127.0.0.1:1/none", "test", 1)
    with pytest.raises(SessionsUnavailable):
        await PostgresSessions(connections).find(COOKIE)
    await connections.close()
