"""The lines of some parts to the database, laid through here so that they can fall silent without being cut."""

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from infra.bootstrap.local_stack import labels_of
from tests.support.fixtures.proxy import Wire, wire_to

LAID = ("projections", "processes")
"""Those who hold leases. The APIs are left alone, for what they would be slowed down by is no blow."""

SETTING = "TORTURE_LINE_OF_"


@asynccontextmanager
async def laid(database: str, workers: int) -> AsyncIterator[Mapping[str, Wire]]:
    """A line for each process of these parts, by its label."""
    async with AsyncExitStack() as lines:
        yield {label: await lines.enter_async_context(wire_to(database)) for label in labels(workers)}


def labels(workers: int) -> Sequence[str]:
    return [label for name in LAID for label in labels_of(name, workers)]


def settings(lines: Mapping[str, Wire]) -> Mapping[str, str]:
    """What tells `tests/torture/entry.py` of the lines."""
    return {f"{SETTING}{label}": wire.url for label, wire in lines.items()}


def database_of(label: str, usual: Mapping[str, str]) -> Mapping[str, str]:
    """The environment of a part whose line is laid through here, or its usual one."""
    line = os.environ.get(f"{SETTING}{label}")
    return usual if line is None else {**usual, "COUNTERFOIL_DATABASE": line}
