"""Facts as the log would tell them, and a read model made of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from domain.shared.recorded import Metadata, Position, Recorded
from infra.projections.tables import FedSchema
from projections.engine.projection import Projection

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@dataclass(slots=True)
class Log:
    """A log in memory: each fact is recorded a second after the one before."""

    recorded: list[Recorded[Any]] = field(default_factory=list)

    def tell(
        self, *facts: object, stream: str = "test", by: str = "anna", why: str | None = None
    ) -> list[Recorded[Any]]:
        """Record facts, and return them as recorded."""
        told = []
        for fact in facts:
            number = len(self.recorded) + 1
            cause = UUID(int=number)
            recorded = Recorded(
                fact,
                Position(number),
                stream,
                sum(earlier.stream == stream for earlier in self.recorded),
                cause,
                NOON + timedelta(seconds=number),
                Metadata(command_id=cause, correlation_id=cause, causation_id=cause, actor=by, reason=why),
            )
            self.recorded.append(recorded)
            told.append(recorded)
        return told


async def build(connection: asyncpg.Connection, projection: Projection, schema: str | None = None) -> FedSchema:
    """Empty tables of a read model."""
    tables = FedSchema(connection, schema or projection.name)
    await connection.execute(f"create schema {tables.schema}")
    await tables.execute(projection.ddl)
    return tables


async def feed(
    tables: FedSchema, projection: Projection, facts: Iterable[Recorded[Any]], size: int | None = None
) -> None:
    """Give a read model the facts that it hears, all at once or in batches of `size`."""
    heard = [recorded for recorded in facts if type(recorded.fact) in projection.handles]
    step = size or len(heard) or 1
    for start in range(0, len(heard), step):
        await projection.project(heard[start : start + step], tables)


async def rows(tables: FedSchema, table: str, order: str = "1, 2") -> list[tuple[Any, ...]]:
    """Every row."""
    return [tuple(row) for row in await tables.fetch(f"select * from {{s}}.{table} order by {order}")]
