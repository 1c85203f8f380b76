"""That things changed, for pages that show many of them: which, and where in the log. What they became is asked for."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping

import strawberry

from domain.shared.recorded import Position
from domain.staff.permissions import WEB
from projections import carts, orders, product_catalogue
from projections.engine.changes import WatchedTable
from read_api.graphql.access import ALL_CARTS, ALL_ORDERS, PUBLIC, Access
from read_api.graphql.context import Info
from read_api.graphql.errors import BadUserInput
from read_api.graphql.relay import kind_and_key
from read_api.graphql.text import checked_id
from read_api.ports import Caller

MOST = 1_000
LOOK_EVERY = 0.2
"""Seconds. The database is asked only when a read model has moved on meanwhile."""

_ORDERS = WatchedTable(model=orders.PROJECTION.name, table="orders", key="order_id", owner="customer_id")
_CARTS = WatchedTable(model=carts.PROJECTION.name, table="carts", key="cart_id", owner="owner")
_PRODUCTS = WatchedTable(model=product_catalogue.PROJECTION.name, table="products", key="product_id")

WATCHED: Mapping[str, tuple[WatchedTable, Access]] = {
    "Order": (_ORDERS, ALL_ORDERS),
    "Checkout": (_ORDERS, ALL_ORDERS),
    "Cart": (_CARTS, ALL_CARTS),
    "Product": (_PRODUCTS, PUBLIC),
}
"""By kind of global id: where its things are read, and which roles are notified of other people's."""


@strawberry.type(description="That a thing changed.")
class ChangedThing:
    id: strawberry.ID = strawberry.field(description="As it was asked for.")
    position: Position = strawberry.field(description="Of its last event, for `@after` and for `after`.")


class _Watch:
    """The things of one kind that a subscription watches."""

    def __init__(self, kind: str, ids: Mapping[str, strawberry.ID], caller: Caller, after: Position | None) -> None:
        self.table, access = WATCHED[kind]
        self.ids = ids
        self.after = after
        self.owner = None if WEB in caller.roles or access.permits(caller) else caller.subject

    async def news(self, info: Info) -> list[ChangedThing]:
        """What changed since the last look."""
        reached = info.context.ports.models.reached([self.table.model])[self.table.model]
        if self.after is None:
            self.after = reached
        if reached <= self.after:
            return []
        tables = info.context.ports.models[self.table.model]
        found = await self.table.changed(tables, self.ids, self.after, self.owner)
        # The rows may be ahead of the announced position of the read model, but all of them are equally far.
        self.after = max(reached, *found.values()) if found else reached
        return [ChangedThing(id=self.ids[key], position=position) for key, position in found.items()]


async def changed(
    info: Info, ids: list[strawberry.ID], after: Position | None = None
) -> AsyncGenerator[list[ChangedThing], None]:
    """Never ends. Raises BadUserInput."""
    caller = info.context.caller
    assert caller is not None, "the field is for those who are signed in"
    watches = [_Watch(kind, keys, caller, after) for kind, keys in _by_kind(ids).items()]
    while True:
        if news := [change for watch in watches for change in await watch.news(info)]:
            yield sorted(news, key=lambda change: (change.position, change.id))
        await asyncio.sleep(LOOK_EVERY)


def _by_kind(ids: list[strawberry.ID]) -> Mapping[str, Mapping[str, strawberry.ID]]:
    if len(ids) > MOST:
        raise BadUserInput(f"Watch at most {MOST} things at once, not {len(ids)}.")
    found = defaultdict[str, dict[str, strawberry.ID]](dict)
    for it in ids:
        kind, key = kind_and_key(it) or ("", "")
        if kind not in WATCHED:
            raise BadUserInput(f"{it[:100]!r} is no global id of {', '.join(WATCHED)}.")
        found[kind][checked_id(key)] = it
    return found
