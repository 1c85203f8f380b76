"""Carts as their owners see them: what is in them, at which seen prices, and what it makes together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import msgspec
from immutables import Map

from domain.cart.decider import cart_decider
from domain.cart.events import CartEvent, CartMerged, ItemAdded
from domain.cart.state import Cart
from domain.shared.ids import CartId, CustomerId, ProductId, Sku
from domain.shared.recorded import EventView, Position
from projections.engine.documents import Document
from projections.engine.ports import Tables
from projections.engine.projection import Projection

DDL = """
create table {s}.carts (
    cart_id text primary key,
    owner text not null,
    opened bigint not null,
    is_open boolean not null,
    changed bigint not null,
    cart json not null
) with (fillfactor = 70, toast_tuple_target = 8160);
create index on {s}.carts (owner, opened) where is_open;
create index on {s}.carts (owner, opened);
"""
"""A cart changes a few times soon after it is opened: pages leave room for that, and no index holds what changes then.
`opened` and `changed` are positions of the log."""


END = 2**63 - 1
"""Behind every position."""


@dataclass(frozen=True, slots=True)
class Goods:
    """What the catalogue said of a SKU when it was put into the cart."""

    product_id: ProductId
    title: str


@dataclass(frozen=True, slots=True)
class CartPage:
    """A cart, and what its SKUs are called."""

    cart: Cart = field(default_factory=Cart)
    goods: Map[Sku, Goods] = field(default_factory=Map)
    revision: int = -1
    """Of its stream."""

    @property
    def is_open(self) -> bool:
        """Whether something can be put into it."""
        return self.cart.is_open


_CARTS: Document[CartPage] = Document(CartPage)


@dataclass(frozen=True, slots=True)
class Shown(CartPage):
    """A cart to be looked at: its map is a dict, which is there faster."""

    goods: dict[Sku, Goods] = field(default_factory=dict)  # type: ignore[assignment]


_SHOWN = msgspec.json.Decoder(Shown)


def evolve(page: CartPage, recorded: EventView[CartEvent]) -> CartPage:
    """The page after one more fact."""
    fact, goods = recorded.fact, page.goods
    if isinstance(fact, ItemAdded):
        goods = goods.set(fact.offer.sku, Goods(fact.offer.product_id, fact.offer.title))
    if isinstance(fact, CartMerged):
        for line in fact.lines:
            if line.offer is not None and line.sku not in goods:
                goods = goods.set(line.sku, Goods(line.offer.product_id, line.offer.title))
    return CartPage(cart_decider.evolve(page.cart, fact), goods, recorded.revision)


async def project(batch: Sequence[EventView[Any]], tables: Tables) -> None:
    """Load the carts of the batch, take its facts in, store them again."""
    pages = dict.fromkeys((recorded.fact.cart_id for recorded in batch), CartPage())
    pages |= await by_ids(tables, pages)
    first, last = dict[CartId, Position](), dict[CartId, Position]()
    for recorded in batch:
        cart_id = recorded.fact.cart_id
        pages[cart_id] = evolve(pages[cart_id], recorded)
        first.setdefault(cart_id, recorded.position)
        last[cart_id] = recorded.position
    await tables.execute(
        """
        insert into {s}.carts (cart_id, owner, opened, is_open, changed, cart)
        select * from unnest($1::text[], $2::text[], $3::bigint[], $4::boolean[], $5::bigint[], $6::json[])
        on conflict (cart_id) do update
        set is_open = excluded.is_open, changed = excluded.changed, cart = excluded.cart
        """,
        list(pages),
        [page.cart.owner or "" for page in pages.values()],
        [first[cart_id] for cart_id in pages],
        [page.is_open for page in pages.values()],
        [last[cart_id] for cart_id in pages],
        [_CARTS.write(page) for page in pages.values()],
    )


PROJECTION = Projection(
    name="carts", version=5, handles=get_args(CartEvent), tables=("carts",), ddl=DDL, project=project
)


async def by_ids(tables: Tables, ids: Iterable[CartId]) -> dict[CartId, CartPage]:
    rows = await tables.fetch("select cart_id, cart from {s}.carts where cart_id = any($1)", list(ids))
    return {row["cart_id"]: _CARTS.read(row["cart"]) for row in rows}


async def shown(tables: Tables, ids: Iterable[CartId]) -> dict[CartId, CartPage]:
    """For readers, whose maps are dicts."""
    rows = await tables.fetch("select cart_id, cart from {s}.carts where cart_id = any($1)", list(ids))
    return {row["cart_id"]: _SHOWN.decode(row["cart"]) for row in rows}


async def open_carts(tables: Tables, owners: Iterable[CustomerId]) -> dict[CustomerId, tuple[CartId, CartPage]]:
    """The cart that each of them opened last and can still put something into."""
    rows = await tables.fetch(
        """
        select distinct on (owner) owner, cart_id, cart from {s}.carts
        where is_open and owner = any($1) order by owner, opened desc
        """,
        list(owners),
    )
    return {row["owner"]: (row["cart_id"], _SHOWN.decode(row["cart"])) for row in rows}


async def owned(
    tables: Tables, owner: CustomerId, size: int, before: Position | None = None
) -> Sequence[tuple[Position, CartId, CartPage]]:
    """The carts that a shopper opened before a position, the newest first, each with the position of its opening."""
    rows = await tables.fetch(
        """
        select opened, cart_id, cart from {s}.carts
        where owner = $1 and opened < $2 order by opened desc limit $3
        """,
        owner,
        END if before is None else before,
        size,
    )
    return [(Position(row["opened"]), row["cart_id"], _SHOWN.decode(row["cart"])) for row in rows]
