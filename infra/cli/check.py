"""`counterfoil check`: prove the log, the invariants of the domain and the read models."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli import environment
from infra.cli.errors import FAILED, Refused, finish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.audit.stream_heads import HeadDigest
    from infra.audit.verdict import Verdict
    from infra.settings import Settings


def check(
    expect: Annotated[
        list[str] | None,
        typer.Option(
            "--expect",
            metavar="DIGEST@POSITION",
            help="The log has this digest, which was noted before. Can be repeated.",
        ),
    ] = None,
    moved: Annotated[
        int, typer.Option("--moved", metavar="POSITION", min=0, help="Up to there the log came from EventStoreDB.")
    ] = 0,
    as_json: environment.AsJson = False,
    data: environment.Data = None,
) -> None:
    """Walk the whole log: verify every hash, prove the invariants, make every read model again and compare."""
    settings, noted = environment.settings(data=data), [_noted(text) for text in expect or ()]
    verdict = environment.run(_check(settings, as_json, noted, moved))
    if as_json:
        import json

        typer.echo(json.dumps(as_dict(verdict)))
    else:
        _show(verdict)
    finish(0 if verdict.ok else FAILED)


def _noted(text: str) -> "HeadDigest":
    from infra.audit.stream_heads import HeadDigest

    try:
        return HeadDigest.parse(text)
    except ValueError as error:
        raise Refused(f"--expect {text!r}: {error}") from None


async def _check(settings: "Settings", quiet: bool, noted: "Sequence[HeadDigest]", moved: int) -> "Verdict":
    from rich.console import Console
    from rich.progress import Progress

    from domain.shared.recorded import Position
    from infra.bootstrap import composition

    async with environment.database(settings) as reachable:
        with Progress(console=Console(stderr=True), transient=True, disable=quiet) as bars:
            bar = bars.add_task("Reading the log", total=None)
            return await composition.check(
                reachable, lambda at, head: bars.update(bar, completed=at, total=head), noted, Position(moved)
            )


def as_dict(verdict: "Verdict") -> dict[str, Any]:
    """The verdict for scripts."""
    return {
        "ok": verdict.ok,
        "head": verdict.head,
        "events": verdict.events,
        "digest": str(verdict.heads),
        "checks": [
            {
                "claim": one.claim,
                "ok": one.ok,
                "looked_at": one.looked_at,
                "excused": one.excused,
                "failures": one.failures,
                "examples": one.examples,
            }
            for one in verdict.checks
        ],
    }


def _show(verdict: "Verdict") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{verdict.events:,} events up to position {verdict.head:,}", title_justify="left")
    table.add_column("Claim")
    for column in ("Looked at", "On their way", "Violations"):
        table.add_column(column, justify="right")
    for one in verdict.checks:
        table.add_row(one.claim, f"{one.looked_at:,}", f"{one.excused:,}", f"{one.failures:,}")
    console = Console()
    console.print(table)
    for one in verdict.checks:
        for example in one.examples:
            console.print(f"  {one.claim}: {example}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"Digest of stream heads, to be noted elsewhere: {verdict.heads}", soft_wrap=True, highlight=False)
    console.print("Everything holds." if verdict.ok else "Not everything holds.")
