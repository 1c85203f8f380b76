"""What read models need from the outside."""

from collections.abc import Sequence
from typing import Any, Protocol


class Row(Protocol):
    """A row, by column name or position."""

    def __getitem__(self, key: str | int) -> Any: ...


class Tables(Protocol):
    """The tables of one build of one read model.

    `{s}` in a statement stands for the schema of the build, so that two builds live side by side.
    """

    async def execute(self, statement: str, *values: object) -> str: ...

    async def fetch(self, statement: str, *values: object) -> Sequence[Row]: ...

    async def fetchrow(self, statement: str, *values: object) -> Row | None: ...
