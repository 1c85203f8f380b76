"""`counterfoil history`: who did what in one stream, when and why."""

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import environment
from infra.cli.errors import Refused

if TYPE_CHECKING:
    from commands.ports import Record
    from infra.settings import Settings


LONGEST_TYPE = 32


def history(
    stream: Annotated[str, typer.Argument(help="Name of a stream, for example order-<id> or category-tree.")],
    as_json: environment.AsJson = False,
    data: environment.Data = None,
) -> None:
    """Show the events of a stream, oldest first."""
    from infra.cli.records import as_line

    records = environment.run(_read(environment.settings(data=data), stream))
    if not records:
        raise Refused(f"There is no stream {stream!r}. See some with: counterfoil replay --limit 20")
    if as_json:
        for record in records:
            sys.stdout.buffer.write(as_line(record))
        return
    _show(stream, records)


async def _read(settings: "Settings", stream: str) -> "Sequence[Record]":
    from infra.bootstrap import event_store

    async with environment.database(settings) as reachable, event_store(reachable) as store:
        return await store.read(stream)


def _show(stream: str, records: "Sequence[Record]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=stream, title_justify="left", show_lines=True)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("Position", justify="right", no_wrap=True)
    table.add_column("Recorded (UTC)", no_wrap=True)
    table.add_column("Who, why", overflow="fold")
    table.add_column("What", overflow="fold", min_width=LONGEST_TYPE)
    for record in records:
        metadata = json.loads(record.metadata)
        table.add_row(
            str(record.revision),
            str(record.position),
            metadata["recorded_at"][:19].replace("T", " "),
            ", ".join(said for said in (metadata["actor"], metadata.get("reason")) if said),
            f"{record.type}\n{record.data.decode()}",
        )
    Console(markup=False, highlight=False).print(table)
