"""Units that are held and not paid: for whom, how many, and until when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.shared.ids import CustomerId, OrderId, Sku, Warehouse
from domain.shared.recorded import EventView
from domain.stock.events import ReservationCommitted, ReservationExtended, ReservationReleased, StockReserved
from projections.engine.ports import Tables

DDL = """
create table {s}.holds (
    sku text not null,
    warehouse text not null,
    order_id text not null,
    quantity bigint not null,
    expires_at timestamptz not null,
    shopper text,
    client text,
    primary key (sku, warehouse, order_id)
);
"""

HANDLES = (StockReserved, ReservationExtended, ReservationCommitted, ReservationReleased)

_PUT = """
insert into {s}.holds as h (sku, warehouse, order_id, quantity, expires_at, shopper, client)
select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[], $6::text[], $7::text[])
on conflict (sku, warehouse, order_id) do update
set quantity = excluded.quantity, expires_at = excluded.expires_at, shopper = excluded.shopper, client = excluded.client
"""

_EXTEND = """
update {s}.holds h set expires_at = asked.expires_at
from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) asked (sku, warehouse, order_id, expires_at)
where (h.sku, h.warehouse, h.order_id) = (asked.sku, asked.warehouse, asked.order_id)
"""

_END = """
delete from {s}.holds h using unnest($1::text[], $2::text[], $3::text[]) asked (sku, warehouse, order_id)
where (h.sku, h.warehouse, h.order_id) = (asked.sku, asked.warehouse, asked.order_id)
"""

MOST_SHOWN = 100

_BY_SKUS = """
select sku, warehouse, order_id, quantity, expires_at, shopper, client from (
    select *, row_number() over (partition by sku order by quantity desc, expires_at, order_id) as place
    from {s}.holds where sku = any($1)
) ranked where place <= $2 order by sku, place
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpaidHold:
    """Units that an order holds before it is paid; who holds them is not known of orders of long ago."""

    sku: Sku
    warehouse: Warehouse
    order_id: OrderId
    quantity: int
    expires_at: datetime
    shopper: CustomerId | None
    client: str | None


_Key = tuple[str, str, str]


async def project(batch: Sequence[EventView[Any]], tables: Tables) -> None:
    """Take the facts of `HANDLES` in the batch into the table."""
    puts, extended, ended = dict[_Key, StockReserved](), dict[_Key, datetime](), set[_Key]()
    for recorded in batch:
        fact = recorded.fact
        key: _Key = (fact.sku, fact.warehouse, fact.order_id)
        match fact:
            case StockReserved():
                puts[key] = fact
                extended.pop(key, None)
                ended.discard(key)
            case ReservationExtended(expires_at=until):
                extended[key] = until
            case _:
                puts.pop(key, None)
                extended.pop(key, None)
                ended.add(key)
    await _execute(tables, _END, sorted(ended))
    await _execute(tables, _PUT, [_row(key, fact) for key, fact in sorted(puts.items())])
    await _execute(tables, _EXTEND, [(*key, until) for key, until in sorted(extended.items())])


def _row(key: _Key, fact: StockReserved) -> tuple[Any, ...]:
    holder = fact.holder
    return (*key, fact.quantity, fact.expires_at, holder and holder.shopper, holder and holder.client)


async def _execute(tables: Tables, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        await tables.execute(statement, *(list(column) for column in zip(*rows, strict=True)))


async def by_skus(tables: Tables, skus: Iterable[Sku]) -> Mapping[Sku, list[UnpaidHold]]:
    """The largest holds of each SKU, at most MOST_SHOWN; a SKU of which none is held is missing."""
    found = dict[Sku, list[UnpaidHold]]()
    for row in await tables.fetch(_BY_SKUS, list(skus), MOST_SHOWN):
        hold = UnpaidHold(
            sku=row["sku"],
            warehouse=row["warehouse"],
            order_id=row["order_id"],
            quantity=row["quantity"],
            expires_at=row["expires_at"],
            shopper=row["shopper"],
            client=row["client"],
        )
        found.setdefault(hold.sku, []).append(hold)
    return found
