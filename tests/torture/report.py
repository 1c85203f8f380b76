"""A run, as one table for people and as JSON for machines."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.torture.run import Outcome


def as_dict(outcome: Outcome) -> dict[str, Any]:
    wish = outcome.wish
    return {
        "ok": outcome.ok,
        "seed": wish.seed,
        "minutes": round(wish.seconds / 60, 2),
        "bug": wish.bug,
        "workers": wish.workers,
        "left_out": outcome.left_out,
        **outcome.figures,
        "witness": [
            {
                "claim": it.claim,
                "ok": it.ok,
                "looked_at": it.looked_at,
                "failures": it.failures,
                "examples": it.examples,
            }
            for it in outcome.checks
        ],
        "check": outcome.checked,
    }


def write(outcome: Outcome, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(as_dict(outcome), indent=2) + "\n")


def show(outcome: Outcome, console: Console) -> None:
    told = outcome.figures
    table = Table(title=f"Tortured with seed {outcome.wish.seed}", title_justify="left")
    table.add_column("What the witness claims")
    for column in ("Looked at", "Violations"):
        table.add_column(column, justify="right")
    for check in outcome.checks:
        table.add_row(check.claim, f"{check.looked_at:,}", f"{check.failures:,}")
    proven = outcome.checked
    failures = sum(check["failures"] for check in proven.get("checks", ()))
    table.add_row(
        "counterfoil check", f"{proven.get('events', 0):,}", "-" if proven.get("ok") is None else f"{failures:,}"
    )
    console.print(table)
    console.print(
        f"{told['kills']} kills among {sum(told['blows'].values())} blows, "
        f"{told['restarts_by_the_supervisor']} restarts by the supervisor, {told['takeovers']} takeovers; "
        f"{told['commands']:,} commands acknowledged, {told['refused']:,} refused, {told['reads']:,} reads, "
        f"{told['messages']:,} messages to others, {told['deliveries']:,} from them; "
        f"{told['checkouts']:,} checkouts, {told['orders']:,} orders; "
        f"{told['tries_in_vain']:,} of {told['tries']:,} tries in vain, "
        f"the longest wait for an answer {told['longest_wait_for_an_answer_s']} s."
    )
    for check in outcome.checks:
        for example in check.examples:
            console.print(f"  {check.claim}: {example}", markup=False, highlight=False)
    for check in proven.get("checks", ()):
        for example in check["examples"]:
            console.print(f"  check, {check['claim']}: {example}", markup=False, highlight=False)
    if outcome.left_out:
        console.print(f"[bold red]{outcome.left_out}[/bold red]")
    console.print("Nothing lost, nothing twice." if outcome.ok else "Not everything holds.")
