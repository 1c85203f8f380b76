"""What the read models have of one shopper, read in pages by short statements, each on a connection of its own."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from commands.ports import StoreUnavailable
from domain.shared.ids import CartId, CustomerId
from domain.shared.recorded import Position
from infra.postgres.readers import OTHER_SHAPE
from infra.postgres.sessions import Connection, Sessions
from infra.projections import manage
from infra.projections.tables import SchemaTables
from projections import carts, orders
from projections.carts import CartPage
from projections.engine.builds import Status
from projections.engine.paging import Page, Window
from projections.engine.ports import Tables
from projections.engine.projection import Projection
from projections.order_view import OrderView
from projections.orders import Filter

PATIENCE = 5.0
PAGE = 50

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PostgresOwnRecords:
    """Implements write_api.ports.OwnRecords on the active builds."""

    sessions: Sessions

    async def orders(self, customer: CustomerId) -> AsyncGenerator[Sequence[OrderView]]:
        wanted, window = Filter(customer_id=customer), Window(size=PAGE)
        while True:
            page = await self._read(orders.PROJECTION, partial(_placed, window, wanted))
            yield [view for _, view in page.items]
            if not page.more_after:
                return
            window = Window(size=PAGE, after=page.items[-1][0])

    async def carts(self, owner: CustomerId) -> AsyncGenerator[Sequence[tuple[CartId, CartPage]]]:
        before: Position | None = None
        while True:
            page = await self._read(carts.PROJECTION, partial(_owned, owner, before))
            yield [(cart_id, cart) for _, cart_id, cart in page]
            if len(page) < PAGE:
                return
            before = page[-1][0]

    async def _read(self, model: Projection, read: Callable[[Tables], Awaitable[T]]) -> T:
        async def work(connection: Connection) -> T:
            builds = await manage.builds(connection)
            active = next((it for it in builds if it.name == model.name and it.status is Status.ACTIVE), None)
            if active is None or active.version < model.readable_since:
                raise StoreUnavailable(f"{model.name} cannot be read before it is built.")
            return await read(SchemaTables(connection, active.schema))

        try:
            return await self.sessions.persistently(work, PATIENCE)
        except OTHER_SHAPE as error:
            raise StoreUnavailable(f"{model.name} cannot be read before it is built anew.") from error


async def _placed(window: Window, wanted: Filter, tables: Tables) -> Page[OrderView]:
    return await orders.placed(tables, window, wanted)


async def _owned(
    owner: CustomerId, before: Position | None, tables: Tables
) -> Sequence[tuple[Position, CartId, CartPage]]:
    return await carts.owned(tables, owner, PAGE, before)
