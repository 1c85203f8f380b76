"""What could not be told is shown, and told once it can be, each time that somebody asks for it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from commands.handler import CommandHandler
from commands.ports import ANY, NewEvent
from commands.routes import ROUTES
from infra.bootstrap.composition import codec
from infra.eventstore.factory import ClosableEventStore, open_event_store
from infra.eventstore.snapshots import MemorySnapshots
from infra.kafka import publisher as publishing
from infra.kafka.broker import Broker
from infra.kafka.dead_letters import Letter, waiting
from infra.kafka.formats import Json
from infra.kafka.publisher import Publisher
from infra.kafka.topics import Topics
from tests.e2e.shop import counterfoil
from tests.infra.eventstore.making import event
from tests.infra.kafka.reading import committed, running, until
from tests.support.builders.golden import FOLDER
from tests.support.harness.command_sender import CommandSender

WHY = ("--reason", "mended")


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[ClosableEventStore]:
    opened, _ = await open_event_store(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def sender(store: ClosableEventStore) -> CommandSender:
    return CommandSender(CommandHandler(store, codec(), MemorySnapshots(), ROUTES))


@pytest.fixture
def shop(store: ClosableEventStore, kafka: str, topics: Topics, database_url: str) -> "Shop":
    return Shop(store, kafka, topics, database_url)


class Shop:
    """A publisher that can be made to fail, and the command line beside it."""

    def __init__(self, store: ClosableEventStore, kafka: str, topics: Topics, database_url: str) -> None:
        self.store, self.kafka, self.topics = store, kafka, topics
        self.settings = {
            "COUNTERFOIL_DATABASE": database_url,
            "COUNTERFOIL_KAFKA": kafka,
            "COUNTERFOIL_KAFKA_PREFIX": topics.prefix,
        }

    async def publish(self, monkeypatch: pytest.MonkeyPatch, *, largest: int = publishing.LARGEST) -> None:
        """Everything up to the present end of the log; messages that are larger become letters."""
        monkeypatch.setattr(publishing, "LARGEST", largest)
        head = await self.store.head()
        one = Publisher(self.store, codec(), Broker(self.kafka), self.topics, Json(), "/shop")
        async with running(one.run()):
            await until(lambda: one.position is not None and one.position >= head)

    async def letters(self) -> list[Letter]:
        return await waiting(Broker(self.kafka), self.topics, self.store, codec())

    async def told(self, topic: str) -> list[dict[str, Any]]:
        messages = await committed(self.kafka, self.topics.of(topic))
        return [{"sequence": int(it.attributes["ce_sequence"]), **json.loads(it.value)} for it in messages]

    async def command(self, *words: str) -> tuple[int, str, str]:
        done = await asyncio.to_thread(counterfoil, "kafka", "dead-letters", *words, **self.settings)
        return done.returncode, done.stdout, done.stderr


def stored(name: str) -> NewEvent:
    """An event as the log has it."""
    return event(json.dumps(json.loads((FOLDER / f"{name}.json").read_text())[0]).encode(), type=name)


async def test_a_letter_is_shown_and_sent_again_once_and_comes_back_if_it_fails(
    shop: Shop, sender: CommandSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sender.receive("MUG", 10)
    await sender.receive("CUP", 5)
    await shop.publish(monkeypatch, largest=10)
    too_large = "bytes are more than 10"
    code, listed, _ = await shop.command("list", "--json")
    letters = [json.loads(line) for line in listed.splitlines()]
    assert (code, [(it["position"], it["stream"], it["asked"]) for it in letters]) == (
        0,
        [(1, "stock-MUG@MAIN", 0), (2, "stock-CUP@MAIN", 0)],
    )
    _, shown, _ = await shop.command("show", "1")
    assert "stock.received.v1 at 1, revision 0 of stock-MUG@MAIN" in shown
    assert too_large in shown
    assert 'stock.level_changed.v1 {"place":"MUG@MAIN"' in shown

    said = "1  stock-MUG@MAIN  will be published again as soon as the publisher runs\n"
    assert await shop.command("resend", "1", *WHY) == (0, said, "")
    refused = "counterfoil: No letter about event 1 waits. See: counterfoil kafka dead-letters list\n"
    assert await shop.command("resend", "1", "2", *WHY) == (2, "", refused)
    assert [it.position for it in await shop.letters()] == [2]

    await shop.publish(monkeypatch, largest=10)
    assert [(it.position, it.asked) for it in await shop.letters()] == [(1, 1), (2, 0)]
    assert (await shop.command("resend", "--all", *WHY))[0] == 0
    assert await shop.letters() == []
    await shop.publish(monkeypatch)
    await shop.publish(monkeypatch)
    assert sorted((it["sequence"], it["place"], it["on_hand"]) for it in await shop.told("stock")) == [
        (1, "MUG@MAIN", 10),
        (2, "CUP@MAIN", 5),
    ]
    assert await shop.command("list") == (0, "", "")


async def test_what_a_later_message_says_as_well_is_not_told_behind_it(
    shop: Shop, sender: CommandSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sender.receive("MUG", 1, times=2)
    await shop.publish(monkeypatch, largest=10)
    await sender.receive("MUG")
    await shop.publish(monkeypatch)
    assert "a later message of the same key replaces it" in (await shop.command("show", "2"))[1]
    assert (await shop.command("resend", "--all", *WHY))[0] == 0
    await shop.publish(monkeypatch)
    assert [(it["sequence"], it["on_hand"]) for it in await shop.told("stock")] == [(3, 3)]
    assert await shop.letters() == []


async def test_facts_that_stand_for_themselves_are_told_late_in_the_order_of_the_log(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.store.append("payment-1", [stored("payment.captured.v1")], expected=ANY)
    await shop.store.append("payment-1", [stored("payment.refunded.v1")], expected=ANY)
    await shop.publish(monkeypatch, largest=10)
    await shop.store.append("payment-1", [stored("payment.refunded.v1")], expected=ANY)
    await shop.publish(monkeypatch)
    assert (await shop.command("resend", "2", "1", *WHY))[0] == 0
    await shop.publish(monkeypatch)
    assert [it["sequence"] for it in await shop.told("payments")] == [3, 1, 2]


async def test_a_request_in_vain_is_refused_with_what_to_do(shop: Shop) -> None:
    for words, why in (
        (("resend", *WHY), "Say which: positions that `counterfoil kafka dead-letters list` shows, or --all."),
        (("show", "7"), "No letter about event 7 waits. See: counterfoil kafka dead-letters list"),
        (("resend", "--all", "--reason", " "), "--reason: give 1 to 200 printable characters."),
    ):
        assert await shop.command(*words) == (2, "", f"counterfoil: {why}\n")
