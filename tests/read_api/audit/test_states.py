"""A stream as it was, what differs between two revisions, and its chain verified."""

from datetime import timedelta

import asyncpg
import pytest

from domain.shared.ids import Sku, Warehouse
from domain.stock.events import BackorderLimitSet, StockAdjusted, StockReceived
from tests.support.builders.event_log_builder import NOON
from tests.support.builders.purchases import bought
from tests.support.harness.read_side import Asker, ReadSide, token

ADA = token("ada", "auditor")
STREAM = "stock-MUG@MAIN"
MUG, MAIN = Sku("MUG"), Warehouse("MAIN")

STATE = """query ($stream: String!, $revision: Int, $asOf: AsOf) {
    streamState(stream: $stream, revision: $revision, asOf: $asOf) { revision lastRevision values { path value } }
}"""
CHANGES = """query ($stream: String!, $earlier: Int!, $later: Int!) {
    streamChanges(stream: $stream, earlier: $earlier, later: $later) { path before after }
}"""
VERIFY = """query ($stream: String!) {
    verify(stream: $stream) { whole complete events firstHash lastHash fault { revision position what } }
}"""
HASHES = "query ($stream: String!) { history(stream: $stream) { edges { node { hash } } } }"


@pytest.fixture
async def counted(shop: ReadSide) -> ReadSide:
    shop.log.tell(
        StockReceived(sku=MUG, warehouse=MAIN, quantity=10),
        StockAdjusted(sku=MUG, warehouse=MAIN, delta=-3, reason="broken"),
        BackorderLimitSet(sku=MUG, warehouse=MAIN, limit=5),
        stream=STREAM,
    )
    await shop.store_what_was_told()
    return shop


async def on_hand(shop: ReadSide, **at: object) -> tuple[int, str] | None:
    found = (await shop.ask(STATE, token=ADA, stream=STREAM, **at))["streamState"]
    if found is None:
        return None
    assert found["lastRevision"] == 2
    values = {tuple(one["path"]): one["value"] for one in found["values"]}
    return found["revision"], values["on_hand",]


async def test_a_stock_item_is_shown_as_it_was(counted: ReadSide) -> None:
    assert await on_hand(counted) == (2, "7")
    assert await on_hand(counted, revision=0) == (0, "10")
    assert await on_hand(counted, revision=1) == (1, "7")
    assert await on_hand(counted, asOf={"position": "1"}) == (0, "10")
    assert await on_hand(counted, asOf={"position": "0"}) is None
    assert await on_hand(counted, asOf={"time": (NOON + timedelta(seconds=2.5)).isoformat()}) == (1, "7")
    assert await on_hand(counted, asOf={"time": (NOON + timedelta(days=1)).isoformat()}) == (2, "7")


async def test_two_revisions_are_compared_in_both_directions(counted: ReadSide) -> None:
    forward = (await counted.ask(CHANGES, token=ADA, stream=STREAM, earlier=0, later=2))["streamChanges"]
    assert forward == [
        {"path": ["on_hand"], "before": "10", "after": "7"},
        {"path": ["backorder_limit"], "before": "0", "after": "5"},
    ]
    back = (await counted.ask(CHANGES, token=ADA, stream=STREAM, earlier=2, later=0))["streamChanges"]
    assert [(one["before"], one["after"]) for one in back] == [("7", "10"), ("5", "0")]
    assert (await counted.ask(CHANGES, token=ADA, stream=STREAM, earlier=1, later=1))["streamChanges"] == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"stream": STREAM, "revision": 3}, "NOT_FOUND"),
        ({"stream": STREAM, "revision": -1}, "BAD_USER_INPUT"),
        ({"stream": STREAM, "revision": 1, "asOf": {"position": "1"}}, "BAD_USER_INPUT"),
        ({"stream": "stock-NONE@MAIN"}, "NOT_FOUND"),
        ({"stream": "parked-1"}, "BAD_USER_INPUT"),
        ({"stream": ""}, "BAD_USER_INPUT"),
    ],
)
async def test_a_state_that_there_is_not_is_refused(counted: ReadSide, asked: dict[str, object], code: str) -> None:
    assert await counted.refused(STATE, token=ADA, **asked) == (200, [code])


async def test_every_stream_of_a_purchase_has_a_state(shop: ReadSide) -> None:
    bought(shop.log)
    await shop.store_what_was_told()
    for stream in ("order-O1", "payment-O1", "cart-C1"):
        found = (await shop.ask(STATE, token=ADA, stream=stream))["streamState"]
        assert (stream, found["revision"]) == (stream, found["lastRevision"])
        assert found["values"]


async def test_what_is_read_of_the_past_has_a_limit(counted: ReadSide, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("read_api.graphql.context.PAST", 2)
    assert await counted.refused(STATE, token=ADA, stream=STREAM) == (200, ["QUERY_TOO_COMPLEX"])


async def test_a_whole_chain_is_verified_from_its_first_to_its_last_event(
    counted: ReadSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.audit.stream_chain.PART", 2)
    edges = (await counted.ask(HASHES, token=ADA, stream=STREAM))["history"]["edges"]
    hashes = [edge["node"]["hash"] for edge in edges]
    assert (await counted.ask(VERIFY, token=ADA, stream=STREAM))["verify"] == {
        "whole": True,
        "complete": True,
        "events": 3,
        "firstHash": hashes[0],
        "lastHash": hashes[2],
        "fault": None,
    }
    for limit, complete in ((2, False), (3, True)):
        monkeypatch.setattr("read_api.audit.states.MOST_VERIFIED", limit)
        found = (await counted.ask(VERIFY, token=ADA, stream=STREAM))["verify"]
        assert (found["events"], found["complete"], found["whole"]) == (limit, complete, complete)


@pytest.mark.parametrize(
    ("forgery", "revision"),
    [
        ("""set data = '{"sku":"MUG","warehouse":"MAIN","delta":-2,"reason":"broken"}' where revision = 1""", 1),
        ("set revision = 9 where revision = 2", 9),
        ("set metadata = replace(metadata::text, 'anna', 'anne')::json where revision = 0", 0),
    ],
)
async def test_a_change_to_a_stored_event_is_found_and_placed(
    counted: ReadSide, database_url: str, forgery: str, revision: int
) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        f"alter table events disable trigger events_are_final; update events {forgery} and stream = '{STREAM}'"
    )
    await connection.close()
    found = (await counted.ask(VERIFY, token=ADA, stream=STREAM))["verify"]
    assert not found["whole"]
    assert (found["fault"]["revision"], found["events"]) == (revision, min(revision, 2) + 1)


async def test_an_event_that_is_missing_is_named_by_its_place(counted: ReadSide, database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        f"alter table events disable trigger events_are_final; delete from events where stream = '{STREAM}' "
        "and revision = 1"
    )
    await connection.close()
    found = (await counted.ask(VERIFY, token=ADA, stream=STREAM))["verify"]
    assert found["fault"] == {"revision": 2, "position": "3", "what": "Revision 2 comes where 1 belongs."}


async def test_a_stream_that_there_is_not_is_not_verified(shop: ReadSide, empty: Asker) -> None:
    assert await shop.refused(VERIFY, token=ADA, stream="order-NONE") == (200, ["NOT_FOUND"])
    assert await empty.refused(VERIFY, token=ADA, stream="x" * 201) == (200, ["BAD_USER_INPUT"])
