"""Orders of a guest that an account has claimed are in its list, and counted for it."""

import asyncpg
import pytest

from domain.customer.events import OrdersClaimed
from domain.shared.ids import CustomerId, OrderId
from infra.projections.tables import SchemaTables
from projections import customers, orders
from projections.engine.paging import Window
from projections.orders import PROJECTION, Filter
from tests.support.builders.event_log_builder import NOON, Log, build, feed
from tests.support.builders.purchases import Purchase

GUEST, ANNA, ALL = CustomerId("guest-1"), CustomerId("shopper-1"), Window(size=10)


def told() -> Log:
    """Two orders of a guest, of which an account claims the first; then a third."""
    log = Log()
    for number, name in enumerate(("O1", "O2")):
        Purchase(log, name, GUEST).buy(number)
    log.tell(OrdersClaimed(subject=ANNA, guest=GUEST, orders=(OrderId("O1"),), at=NOON), stream=f"customer-{ANNA}")
    Purchase(log, "O3", GUEST).buy(2)
    return log


async def listed(tables: SchemaTables, customer: CustomerId) -> list[str]:
    page = await orders.placed(tables, ALL, Filter(customer_id=customer))
    return [view.order_id for _, view in page.items]


async def counted(tables: SchemaTables, customer: CustomerId) -> list[int]:
    return [it.orders for _, it in (await customers.customers(tables, ALL, customer)).items]


@pytest.mark.parametrize("size", [1, 3, 1000])
async def test_a_claimed_order_moves_from_the_guests_list_to_the_accounts(
    connection: asyncpg.Connection, size: int
) -> None:
    tables = await build(connection, PROJECTION)
    await feed(tables, PROJECTION, told().recorded, size)
    assert (await listed(tables, ANNA), await listed(tables, GUEST)) == (["O1"], ["O3", "O2"])
    assert (await counted(tables, ANNA), await counted(tables, GUEST)) == ([1], [2])
    view = (await orders.by_ids(tables, [OrderId("O1")]))[OrderId("O1")]
    assert (view.customer_id, view.claimed_by, view.owner) == (GUEST, ANNA, ANNA)
    found = await orders.placed(tables, ALL, Filter(text=GUEST))
    assert [it.order_id for _, it in found.items] == ["O3", "O2", "O1"]
