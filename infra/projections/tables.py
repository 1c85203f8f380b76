"""The tables of one build, in the schema of the build."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

import asyncpg


class Connection(Protocol):
    """What runs statements: a connection, or a set of connections that gives a free one."""

    async def execute(self, query: str, /, *args: object) -> str: ...

    async def fetch(self, query: str, /, *args: object) -> Sequence[asyncpg.Record]: ...

    async def fetchrow(self, query: str, /, *args: object) -> asyncpg.Record | None: ...


class SharedConnection(Connection, Protocol):
    """Connections for which readers wait."""

    def in_turn(self) -> AbstractAsyncContextManager[Connection]: ...


class FeedingConnection(Connection, Protocol):
    """What rows are written on."""

    async def copy_records_to_table(
        self, table_name: str, *, records: Iterable[Sequence[object]], columns: Iterable[str], schema_name: str
    ) -> object: ...


@dataclass(slots=True)
class SchemaTables:
    """`{s}` in each statement becomes the schema, once per statement; `others` are read beside it, by their names."""

    connection: Connection
    schema: str
    others: Mapping[str, str] = field(default_factory=dict)
    _statements: dict[str, str] = field(default_factory=dict)

    async def execute(self, statement: str, *values: object) -> str:
        return await self.connection.execute(self._here(statement), *values)

    async def fetch(self, statement: str, *values: object) -> Sequence[asyncpg.Record]:
        return await self.connection.fetch(self._here(statement), *values)

    async def fetchrow(self, statement: str, *values: object) -> asyncpg.Record | None:
        return await self.connection.fetchrow(self._here(statement), *values)

    def _here(self, statement: str) -> str:
        here = self._statements.get(statement)
        if here is None:
            here = statement.replace("{s}", self.schema)
            for name, schema in self.others.items():
                here = here.replace(f"{{{name}}}", schema)
            self._statements[statement] = here
        return here


@dataclass(slots=True)
class SharedSchema(SchemaTables):
    """The tables of a build that many read."""

    connection: SharedConnection

    @asynccontextmanager
    async def in_turn(self) -> AsyncIterator[SchemaTables]:
        async with self.connection.in_turn() as connection:
            yield SchemaTables(connection, self.schema, self.others, self._statements)


@dataclass(slots=True)
class FedSchema(SchemaTables):
    """The tables of a build that is being fed."""

    connection: FeedingConnection

    async def add(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        await self.connection.copy_records_to_table(table, records=rows, columns=columns, schema_name=self.schema)
