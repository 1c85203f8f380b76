"""What another system told the shop, against the log."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid5

from domain.shared.ids import Sku, Warehouse
from domain.shared.recorded import START, Position, Recorded
from domain.stock.events import StockReceived
from infra.audit.verdict import Check
from infra.kafka.incoming import NAMESPACE
from tests.torture.goods import WAREHOUSE
from tests.torture.record import Entry, Fed


def taken_in(entries: Iterable[Entry], log: Iterable[Recorded[Any]]) -> Check:
    """Each delivery once, and those of one of the goods in the order in which they were told."""
    check = Check("what another system tells is taken in exactly once, in its order")
    booked, last = defaultdict[UUID, list[Recorded[Any]]](list), defaultdict[str, Position](lambda: START)
    for recorded in log:
        booked[recorded.metadata.command_id].append(recorded)
    for one in entries:
        if isinstance(one, Fed):
            check.looked_at += 1
            found = booked[uuid5(NAMESPACE, f"{one.source}\n{one.id}")]
            told = StockReceived(sku=Sku(one.sku), warehouse=Warehouse(WAREHOUSE), quantity=one.quantity)
            if [recorded.fact for recorded in found] != [told]:
                check.fail(f"{one}: {found}")
            elif found[0].position < last[one.sku]:
                check.fail(f"{one} is at {found[0].position}, and what was told before it at {last[one.sku]}")
            else:
                last[one.sku] = found[0].position
    return check
