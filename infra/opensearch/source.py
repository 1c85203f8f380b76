"""What an index is a copy of: the active build of the read model, and which of its rows changed after a place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from commands.ports import Seen
from domain.shared.recorded import START, Position
from infra.projections.tables import Connection, SchemaTables
from projections.engine.ports import Row
from projections.search.entries import COLUMNS, Listed, listed_of
from projections.search.projection import PROJECTION


class Place(NamedTuple):
    """Behind the row that was copied last; rows are copied in the order of their changes."""

    position: int = 0
    product_id: str = ""
    stretch: int = -1


@dataclass(frozen=True, slots=True)
class Copied:
    """A row of the read model at its latest change; no entry: it is not found any more."""

    place: Place
    entry: Listed | None
    product: str


@dataclass(frozen=True, slots=True)
class SourceBuild:
    """A build that was made at a time; another database has no build of the same number and time."""

    schema: str
    number: int
    made: str


_ACTIVE = f"""
select build, to_char(started_at at time zone 'UTC', 'YYYYMMDDHH24MISSUS') as made
from projection_builds where name = '{PROJECTION.name}' and status = 'active' and version = {PROJECTION.version}
"""

_REACHED = "select position, event_id from projection_builds where name = $1 and build = $2"

_CHANGED = f"""
select c.position as changed_at, c.product_id as changed_id, c.stretch as changed_stretch, p.product,
    {", ".join(f"e.{name}" for name in COLUMNS)}
from {{s}}.changes c
left join {{s}}.entries e on e.product_id = c.product_id and e.stretch = c.stretch
left join {{s}}.products p on p.product_id = e.product_id
where (c.position, c.product_id, c.stretch) > ($1, $2, $3)
order by c.position, c.product_id, c.stretch limit $4
"""


@dataclass(frozen=True, slots=True)
class Source:
    """Read in single statements, each of which sees one moment. All methods raise StorageUnavailable."""

    connection: Connection

    async def active(self) -> SourceBuild | None:
        """None before the first build, and while the active one is of another version of the code."""
        row = await self.connection.fetchrow(_ACTIVE)
        if row is None:
            return None
        return SourceBuild(f"{PROJECTION.name}_b{row['build']}", row["build"], row["made"])

    async def reached(self, build: SourceBuild) -> Seen:
        row = await self.connection.fetchrow(_REACHED, PROJECTION.name, build.number)
        return Seen(START, None) if row is None else Seen(Position(row["position"]), row["event_id"])

    async def changed(self, build: SourceBuild, after: Place, limit: int) -> Sequence[Copied]:
        """Rows that changed behind the place, in the order of their latest changes."""
        tables = SchemaTables(self.connection, build.schema)
        return list(_copied(await tables.fetch(_CHANGED, *after, limit)))


def _copied(rows: Sequence[Row]) -> Iterator[Copied]:
    for row in rows:
        place = Place(row["changed_at"], row["changed_id"], row["changed_stretch"])
        there = row["product_id"] is not None
        yield Copied(place, listed_of(row) if there else None, row["product"] or "")
