"""The publisher reports how far it is and which dead letters wait, so that the cockpit needs no broker."""

from uuid import UUID

import asyncpg
import pytest

from domain.publication.commands import RequestPublication
from infra.bootstrap import kafka as bootstrap
from infra.bootstrap.composition import codec
from infra.eventstore.factory import ClosableEventStore
from infra.kafka import publisher as publishing
from infra.kafka.broker import Broker
from infra.kafka.formats import Json
from infra.kafka.publisher import Publisher
from infra.kafka.standing import PublisherStanding, ReportedLetters, StandingTable, WaitingLetter, publisher_standing
from infra.kafka.topics import Topics
from infra.postgres.sessions import Sessions
from infra.projections.active import ActiveBuilds
from infra.settings import Settings
from projections.registry import PROJECTIONS
from tests.infra.kafka.reading import running, until
from tests.support.harness.command_sender import CommandSender


async def reported(database_url: str) -> PublisherStanding | None:
    async with ActiveBuilds(database_url, projections=PROJECTIONS) as models:
        return await publisher_standing(models.reading)


async def test_a_shop_that_has_never_published_reports_nothing(database_url: str) -> None:
    assert await reported(database_url) is None


async def test_a_publisher_that_reports_no_more_is_silent_and_its_trouble_is_known(database_url: str) -> None:
    sessions = Sessions(database_url, "test", 1)
    table = StandingTable(sessions)
    await table.prepare()
    assert await reported(database_url) is None
    await table.report(7, None)
    await table.report(9, "KafkaError: away")
    await sessions.close()
    standing = await reported(database_url)
    assert standing is not None
    assert (standing.position, standing.trouble, standing.waiting, standing.silent) == (9, "KafkaError: away", 0, False)
    connection = await asyncpg.connect(database_url)
    await connection.execute("update publishing.standing set reported_at = reported_at - interval '20 seconds'")
    await connection.close()
    standing = await reported(database_url)
    assert standing is not None
    assert standing.silent


async def test_a_letter_that_was_reported_is_found_by_its_event(database_url: str) -> None:
    sessions = Sessions(database_url, "test", 1)
    table, letters = StandingTable(sessions), ReportedLetters(sessions)
    it, other = UUID(int=7), UUID(int=8)
    assert await letters.find(it) is None
    await table.prepare()
    await table.report(9, None)
    waits = WaitingLetter(
        position=5, stream="order-1", revision=3, event_id=str(it), type="order.placed.v3", error="Large.", asked=2
    )
    await table.report_letters([waits])
    assert await letters.find(it) == RequestPublication(event_id=it, stream="order-1", revision=3, asked=2)
    assert await letters.find(other) is None
    await table.report_letters([])
    assert await letters.find(it) is None
    await sessions.close()


async def test_dead_letters_are_reported_while_they_wait(
    store: ClosableEventStore,
    sender: CommandSender,
    kafka: str,
    topics: Topics,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publishing, "LARGEST", 10)
    await sender.receive("MUG", 10)
    one = Publisher(store, codec(), Broker(kafka), topics, Json(), "/shop")
    found = list[PublisherStanding | None]()

    async def letters() -> bool:
        found[:] = [await reported(database_url)]
        return found[0] is not None and found[0].waiting > 0

    async with running(one.run()):
        await until(lambda: one.position is not None and one.position >= 1)
        async with bootstrap.reporting_of(Settings(database=database_url), one):
            while not await letters():
                pass
    assert found[0] is not None
    (letter,) = found[0].letters
    assert (letter.position, letter.stream, letter.revision, letter.asked) == (1, "stock-MUG@MAIN", 0, 0)
    assert letter.error.endswith("bytes are more than 10")
