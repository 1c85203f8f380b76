"""Which rows of a read model changed after a position, for those who watch them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from domain.shared.recorded import Position
from projections.engine.ports import Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedTable:
    """A table of a read model with a column `changed`, the position of a row's last event. `owner` says whose it is."""

    model: str
    table: str
    key: str
    owner: str | None = None

    async def changed(
        self, tables: Tables, keys: Collection[str], after: Position, owner: str | None
    ) -> Mapping[str, Position]:
        """The last change of each of these rows that changed after a position; of an owner's rows only, or of all."""
        mine = f"and {self.owner} = $3" if self.owner and owner is not None else ""
        rows = await tables.fetch(
            f"select {self.key}, changed from {{s}}.{self.table} where {self.key} = any($1) and changed > $2 {mine}",
            list(keys),
            after,
            *([owner] if mine else []),
        )
        return {row[0]: Position(row[1]) for row in rows}
