"""What the witness says of deliveries finds those that are lost, taken in twice, changed, or out of order."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid5

import pytest

from domain.shared.ids import Sku, Warehouse
from domain.shared.recorded import Recorded
from domain.stock.events import StockReceived
from infra.kafka.incoming import NAMESPACE
from tests.support.builders.event_log_builder import Log
from tests.torture.record import Fed
from tests.torture.taken_in import taken_in

MUGS, CUP, MORE_MUGS = TOLD = (Fed("/wms", "1", "MUG", 2), Fed("/wms", "2", "CUP", 1), Fed("/wms", "3", "MUG", 3))


def booked(deliveries: Sequence[Fed]) -> list[Recorded[Any]]:
    """The log of a shop that took these in."""
    log = Log()
    for one in deliveries:
        fact = StockReceived(sku=Sku(one.sku), warehouse=Warehouse("MAIN"), quantity=one.quantity)
        (recorded,) = log.tell(fact)
        command_id = uuid5(NAMESPACE, f"{one.source}\n{one.id}")
        log.recorded[-1] = recorded._replace(metadata=recorded.metadata._replace(command_id=command_id))
    return log.recorded


@pytest.mark.parametrize(
    ("deliveries", "failures"),
    [
        ((MUGS, CUP, MORE_MUGS), 0),
        ((CUP, MUGS, MORE_MUGS), 0),
        ((MUGS, CUP), 1),
        ((MUGS, CUP, MORE_MUGS, CUP), 1),
        ((MUGS, CUP, Fed("/wms", "3", "MUG", 4)), 1),
        ((MORE_MUGS, CUP, MUGS), 1),
    ],
)
def test_each_delivery_is_taken_in_once_and_those_of_one_sku_in_order(deliveries: Sequence[Fed], failures: int) -> None:
    check = taken_in(TOLD, booked(deliveries))
    assert (check.looked_at, check.failures) == (3, failures)
