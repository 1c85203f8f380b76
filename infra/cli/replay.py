"""`counterfoil replay`: the whole history, or a part of it, as JSON lines for analysts."""

import sys
from collections.abc import AsyncIterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from infra.cli import environment
from infra.cli.errors import Refused

if TYPE_CHECKING:
    from commands.ports import Record
    from infra.settings import Settings

PAGE = 5_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the history."""

    types: tuple[str, ...]
    category: str | None
    since: datetime | None
    until: datetime | None
    after: int
    limit: int | None


def replay(
    types: Annotated[
        list[str] | None, typer.Option("--types", help="Stored names, for example order.placed.v1.")
    ] = None,
    category: Annotated[str | None, typer.Option(help="Only streams <category>-..., for example order.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Recorded at or after, for example 2026-11-25.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Recorded before.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only events behind this position.")] = 0,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many events.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write to this file instead of stdout.")] = None,
    data: environment.Data = None,
) -> None:
    """Print events in the order they happened, one JSON object a line."""
    names = tuple(name for text in types or () for name in text.split(",") if name)
    wanted = Wanted(
        _known(names), category, environment.time("--from", since), environment.time("--to", until), after, limit
    )
    with _sink(out) as sink:
        environment.run(_replay(environment.settings(data=data), wanted, sink))


async def _replay(settings: "Settings", wanted: Wanted, sink: BinaryIO) -> None:
    from infra.bootstrap.composition import event_store
    from infra.cli.records import as_line

    async with environment.database(settings) as reachable, event_store(reachable) as store:
        async for record in _chosen(store, wanted):
            sink.write(as_line(record))


async def _chosen(store: Any, wanted: Wanted) -> "AsyncIterator[Record]":
    position, left = wanted.after, wanted.limit
    prefix = f"{wanted.category}-" if wanted.category else ""
    while True:
        page = await store.read_all(after=position, limit=PAGE, types=wanted.types or None)
        for record in page.records:
            if record.stream.startswith(prefix) and _in_time(record, wanted):
                yield record
                left = None if left is None else left - 1
                if left == 0:
                    return
        position = page.position
        if len(page.records) < PAGE:
            return


def _in_time(record: "Record", wanted: Wanted) -> bool:
    if wanted.since is None and wanted.until is None:
        return True
    import msgspec

    from infra.serialization.codec import StoredMetadata

    at = msgspec.json.decode(record.metadata, type=StoredMetadata).recorded_at
    return (wanted.since is None or wanted.since <= at) and (wanted.until is None or at < wanted.until)


def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    from infra.serialization.message_registry import EVENTS
    from infra.serialization.upcasters import UPCASTERS

    stored = [*EVENTS, *UPCASTERS]
    for name in names:
        if name not in stored:
            near = get_close_matches(name, stored, n=1, cutoff=0.4)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise Refused(f"--types: no event is called {name!r}.{hint}")
    return names


def _sink(out: Path | None) -> Any:
    if out is None:
        return nullcontext(sys.stdout.buffer)
    try:
        return out.open("wb")
    except OSError as error:
        raise Refused(f"--out: {out} cannot be written: {error.strerror}. Choose another file.") from None
