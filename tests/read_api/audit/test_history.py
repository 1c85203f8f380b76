"""The history of a stream, read in both directions and by filter, with what each event says and changed."""

import re
from datetime import timedelta
from typing import Any

import pytest

from domain.product.events import ProductDescribed, ProductDrafted, VariantAdded, VariantPriced
from domain.shared.ids import OrderId, ProductId, Sku, Warehouse
from domain.shared.money import Money
from domain.stock.events import StockAdjusted, StockReceived, StockReserved
from read_api.audit.sentences import sentence_of
from tests.support.builders.event_log_builder import NOON
from tests.support.builders.golden import examples, stored_events
from tests.support.builders.purchases import Purchase
from tests.support.harness.read_side import Asker, ReadSide, token

ADA = token("ada", "auditor")
STREAM = "stock-MUG@MAIN"
MUG, MAIN = Sku("MUG"), Warehouse("MAIN")
COFFEE = ProductId("COFFEE")

READ = """query ($stream: String!, $first: Int, $after: String, $last: Int, $before: String, $types: [String!],
    $actor: String, $from: DateTime, $to: DateTime) {
    history(stream: $stream, first: $first, after: $after, last: $last, before: $before, types: $types, actor: $actor,
        from: $from, to: $to) {
        edges { cursor node { revision says changes { path before after } } }
        pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
    }
}"""


async def revisions(shop: ReadSide, **wanted: object) -> tuple[list[int], dict[str, Any]]:
    found = (await shop.ask(READ, token=ADA, stream=STREAM, **wanted))["history"]
    return [edge["node"]["revision"] for edge in found["edges"]], found["pageInfo"]


def received(shop: ReadSide, number: int, by: str = "anna") -> None:
    shop.log.tell(
        *(StockReceived(sku=MUG, warehouse=MAIN, quantity=n) for n in range(1, number + 1)), stream=STREAM, by=by
    )


@pytest.mark.parametrize("events", [1, 2, 3, 4, 7, 8, 9])
async def test_a_stream_is_read_backwards_from_its_end(shop: ReadSide, events: int) -> None:
    received(shop, events)
    await shop.store_what_was_told()
    seen = list[int]()
    found, page = await revisions(shop, last=3)
    while True:
        seen = found + seen
        assert page["hasNextPage"] == (len(seen) > len(found))
        if not page["hasPreviousPage"]:
            break
        found, page = await revisions(shop, last=3, before=page["startCursor"])
    assert seen == list(range(events))


async def test_a_page_lies_between_its_cursors(shop: ReadSide) -> None:
    received(shop, 9)
    await shop.store_what_was_told()
    _, all_ = await revisions(shop)
    (second, *_), eighth = [(await revisions(shop, first=n))[1]["endCursor"] for n in (2, 8)], all_["endCursor"]
    assert (await revisions(shop, after=second, before=eighth))[0] == [2, 3, 4, 5, 6, 7]
    assert (await revisions(shop, last=2, after=second, before=eighth))[0] == [6, 7]
    found, page = await revisions(shop, last=6, after=second, before=eighth)
    assert (found, page["hasPreviousPage"]) == ([2, 3, 4, 5, 6, 7], False)


async def test_events_are_found_by_type_actor_and_time(shop: ReadSide) -> None:
    received(shop, 3)
    shop.log.tell(StockAdjusted(sku=MUG, warehouse=MAIN, delta=-1, reason="broken"), stream=STREAM, by="staff:bob")
    received(shop, 1)
    await shop.store_what_was_told()
    assert (await revisions(shop, types=["stock.adjusted.v1"]))[0] == [3]
    assert (await revisions(shop, types=["stock.adjusted.v1"], last=5))[0] == [3]
    assert (await revisions(shop, types=[]))[0] == []
    assert (await revisions(shop, actor="anna"))[0] == [0, 1, 2, 4]
    assert (await revisions(shop, actor="anna", last=2))[0] == [2, 4]
    second, fourth = ((NOON + timedelta(seconds=n)).isoformat() for n in (2, 4))
    assert (await revisions(shop, **{"from": second, "to": fourth}))[0] == [1, 2]


async def test_a_search_through_a_long_stream_stops_and_says_where(
    shop: ReadSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    received(shop, 9)
    received(shop, 1, by="ben")
    received(shop, 4)
    await shop.store_what_was_told()
    monkeypatch.setattr("read_api.audit.scanning.PART", 3)
    monkeypatch.setattr("read_api.audit.scanning.SCANNED", 6)
    found, page = await revisions(shop, actor="ben")
    assert (found, page["hasNextPage"]) == ([], True)
    found, page = await revisions(shop, actor="ben", after=page["endCursor"])
    assert (found, page["hasNextPage"]) == ([9], True)
    found, page = await revisions(shop, actor="ben", after=page["endCursor"])
    assert (found, page["hasNextPage"]) == ([], False)
    found, page = await revisions(shop, actor="nobody", last=1)
    assert (found, page["hasPreviousPage"]) == ([], True)
    found, page = await revisions(shop, actor="ben", last=1, before=page["startCursor"])
    assert (found, page["hasPreviousPage"]) == ([], True) or found == [9]


async def test_too_many_types_are_refused(empty: Asker) -> None:
    assert await empty.refused(READ, token=ADA, stream=STREAM, types=["a.b.v1"] * 51) == (200, ["BAD_USER_INPUT"])


async def test_each_event_says_what_happened_and_what_it_changed(shop: ReadSide) -> None:
    shop.log.tell(
        ProductDrafted(product_id=COFFEE, title="Coffee", description="Dark", brand="Private"),
        VariantAdded(product_id=COFFEE, sku=Sku("12OZ"), options=(("size", "12 oz"),), base_quantity=1),
        VariantPriced(product_id=COFFEE, sku=Sku("12OZ"), price=Money(1099, "USD"), valid_from=NOON),
        ProductDescribed(product_id=COFFEE, title="Dark coffee", description="Dark", brand="Private"),
        stream="product-COFFEE",
    )
    await shop.store_what_was_told()
    edges = (await shop.ask(READ, token=ADA, stream="product-COFFEE"))["history"]["edges"]
    assert [(edge["node"]["says"], edge["node"]["changes"]) for edge in edges[1:]] == [
        (
            "Variant 12OZ added: size 12 oz.",
            [
                {"path": ["variants", "12OZ", "options"], "before": None, "after": "size 12 oz"},
                {"path": ["variants", "12OZ", "base_quantity"], "before": None, "after": "1"},
            ],
        ),
        (
            "12OZ costs 10.99 USD from 2026-11-25 12:00 UTC.",
            [
                {"path": ["currency"], "before": None, "after": "USD"},
                {
                    "path": ["variants", "12OZ", "prices", "2026-11-25T12:00:00+00:00", "price"],
                    "before": None,
                    "after": "10.99 USD",
                },
            ],
        ),
        ("Described as “Dark coffee”.", [{"path": ["title"], "before": "Coffee", "after": "Dark coffee"}]),
    ]


async def test_one_event_is_found_by_its_revision(shop: ReadSide) -> None:
    received(shop, 3)
    await shop.store_what_was_told()
    query = 'query ($revision: Int!) { event(stream: "stock-MUG@MAIN", revision: $revision) { revision says } }'
    for revision, says in ((0, "1 received."), (2, "3 received.")):
        assert (await shop.ask(query, token=ADA, revision=revision))["event"] == {"revision": revision, "says": says}
    for revision in (-1, 3):
        assert await shop.ask(query, token=ADA, revision=revision) == {"event": None}


async def test_a_journal_says_what_a_process_took_in_and_requested(shop: ReadSide) -> None:
    purchase = Purchase(shop.log)
    purchase.check_out()
    purchase.reach("needs attention", "The void was refused.")
    await shop.store_what_was_told()
    edges = (await shop.ask(READ, token=ADA, stream="checkout-O1", last=1))["history"]["edges"]
    assert [edge["node"]["says"] for edge in edges] == ["Took in order.delivered.v1. Now needs attention."]


UNSAID = {"process.timer_fired.v1", "process.command_refused.v1"}
"""Inputs that are kept inside a journal and never alone."""


@pytest.mark.parametrize("name", sorted(stored_events().keys() - UNSAID))
def test_every_event_has_a_sentence(name: str) -> None:
    for example in examples(stored_events()[name]):
        said = sentence_of(example)
        assert said is not None
        assert re.fullmatch(r"[^<{(]+( \([^)]+\))?\.", said)


async def test_what_reserves_stock_changes_what_is_reserved(shop: ReadSide) -> None:
    received(shop, 1)
    reserved = StockReserved(sku=MUG, warehouse=MAIN, order_id=OrderId("O1"), quantity=1, expires_at=NOON)
    shop.log.tell(reserved, stream=STREAM)
    await shop.store_what_was_told()
    edges = (await shop.ask(READ, token=ADA, stream=STREAM, last=1))["history"]["edges"]
    (changes,) = [edge["node"]["changes"] for edge in edges]
    assert changes == [
        {"path": ["reserved"], "before": "0", "after": "1"},
        {"path": ["reservations", "O1", "quantity"], "before": None, "after": "1"},
        {"path": ["reservations", "O1", "expires_at"], "before": None, "after": "2026-11-25T12:00:00+00:00"},
        {"path": ["reservations", "O1", "committed"], "before": None, "after": "no"},
    ]
