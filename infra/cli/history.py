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
    from infra.bootstrap.composition import event_store

    async with environment.database(settings) as reachable, event_store(reachable) as store:
        return await store.read(stream)


def _show(stream: str, records: "Sequence[Record]") -> None:
    from rich.console import Console

    from read_api.audit.reasons import reason_of

    out = Console(markup=False, highlight=False, soft_wrap=True)
    out.print(f"{stream}, {len(records)} event{'' if len(records) == 1 else 's'}")
    for record in records:
        metadata = json.loads(record.metadata)
        at = metadata["recorded_at"][:19].replace("T", " ")
        who = ", ".join(said for said in (metadata["actor"], reason_of(json.loads(record.data), metadata)) if said)
        out.print(f"\n#{record.revision}  {at} UTC  position {record.position}  {who}", style="dim")
        out.print(record.type, style="bold")
        out.print(record.data.decode())
