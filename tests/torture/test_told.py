"""What the witness says of others finds each thing that can go wrong between a log and its readers."""

from collections.abc import Callable, Sequence

import msgspec
import pytest

from domain.order.events import OrderCancelled, OrderCompleted
from domain.shared.ids import OrderId, Sku, Warehouse
from domain.stock.events import StockReceived
from tests.support.builders.event_log_builder import Log
from tests.torture.told import Heard, Retelling
from tests.torture.verdict import failed

ONCE = "others are told each published fact exactly once"
KNOWN = "others are told nothing that the log does not have"
ORDERED = "others are told the facts of a key in their order"
TRUE = "others are told what the log says"
LETTERS = "there is no fact that others cannot be told"


def received(sku: str) -> StockReceived:
    return StockReceived(sku=Sku(sku), warehouse=Warehouse("MAIN"), quantity=5)


def a_log() -> Retelling:
    """Of five facts that others hear of, and whose keys are MUG, CUP, MUG, o-1 and o-2."""
    log = Log()
    log.tell(received("MUG"), stream="stock-MUG@MAIN")
    log.tell(received("CUP"), stream="stock-CUP@MAIN")
    log.tell(received("MUG"), stream="stock-MUG@MAIN")
    log.tell(OrderCancelled(order_id=OrderId("o-1"), reason="Asked to"), stream="order-o-1")
    log.tell(OrderCompleted(order_id=OrderId("o-2")), stream="order-o-2")
    return Retelling(log.recorded)


def as_it_should_be(retelling: Retelling) -> list[Heard]:
    return [
        Heard(topic, it.attributes, key, msgspec.json.encode(it.message), 0)
        for it in retelling.promised
        for topic, key in [it.place]
    ]


def test_what_was_told_as_the_log_has_it_is_right() -> None:
    retelling = a_log()
    heard = as_it_should_be(retelling)
    told = [(it.key, it.attributes["ce_sequence"][-1], it.value) for it in heard]
    assert told == [
        ("MUG@MAIN", "1", b'{"place":"MUG@MAIN","sku":"MUG","warehouse":"MAIN","on_hand":5,"available":5}'),
        ("CUP@MAIN", "2", b'{"place":"CUP@MAIN","sku":"CUP","warehouse":"MAIN","on_hand":5,"available":5}'),
        ("MUG@MAIN", "3", b'{"place":"MUG@MAIN","sku":"MUG","warehouse":"MAIN","on_hand":10,"available":10}'),
        ("o-1", "4", b'{"order_id":"o-1"}'),
        ("o-2", "5", b'{"order_id":"o-2"}'),
    ]
    assert retelling.all_told(heard)
    checks = retelling.checks(heard)
    assert failed(checks) == {}
    assert [check.looked_at for check in checks] == [5, 5, 4, 5, 5]


def another(message: Heard) -> Heard:
    return message._replace(attributes={**message.attributes, "ce_id": "another"})


WRONG: Sequence[tuple[str, Callable[[list[Heard]], list[Heard]]]] = (
    (ONCE, lambda told: told[:4]),
    (ONCE, lambda told: [*told, told[4]]),
    (KNOWN, lambda told: [*told, another(told[4])]),
    (ORDERED, lambda told: [told[2], told[1], told[0], *told[3:]]),
    (ORDERED, lambda told: [*told[:2], told[2]._replace(partition=1), *told[3:]]),
    (TRUE, lambda told: [told[0]._replace(value=told[2].value), *told[1:]]),
    (TRUE, lambda told: [told[0]._replace(key="CUP@MAIN"), *told[1:]]),
    (TRUE, lambda told: [*told[:4], told[4]._replace(attributes={**told[4].attributes, "ce_time": "noon"})]),
    (LETTERS, lambda told: [*told, Heard("dead-letters", {}, "order-o-2", b"{}", 0)]),
)


@pytest.mark.parametrize(("claim", "wrong"), WRONG)
def test_what_is_wrong_is_found(claim: str, wrong: Callable[[list[Heard]], list[Heard]]) -> None:
    retelling = a_log()
    assert list(failed(retelling.checks(wrong(as_it_should_be(retelling))))) == [claim]
