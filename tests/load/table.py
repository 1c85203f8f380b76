"""Figures for people, each beside its goal."""

from collections.abc import Callable, Sequence

from rich.table import Table

from tests.load.figures import PARTS, Figure

COLUMNS: dict[str, Callable[[Figure], str]] = {
    "conn.": lambda figure: f"{figure.connections:,}",
    "a second": lambda figure: number(figure.rate_per_second),
    "p50 ms": lambda figure: number(figure.p50_ms),
    "p95 ms": lambda figure: number(figure.p95_ms),
    "p99 ms": lambda figure: number(figure.p99_ms),
    "errors": lambda figure: f"{figure.errors:,}",
}
GOALS: dict[str, Callable[[Figure], str]] = {
    "goal": lambda figure: "" if figure.goal is None else figure.goal.text,
    "": lambda figure: "" if figure.goal is None else figure.goal.verdict(figure),
}


def number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def cells(figure: Figure) -> list[str]:
    """A row: name, figures, processor time by part, goal."""
    shares = [number(figure.cpu_us.get(part)) if figure.cpu_us else "-" for part in PARTS]
    shown = [show(figure) for show in COLUMNS.values()]
    return [figure.scenario, *shown, *shares, *(show(figure) for show in GOALS.values())]


def headings() -> list[str]:
    return ["scenario", *COLUMNS, *(f"{part} us" for part in PARTS), *GOALS]


def table(figures: Sequence[Figure]) -> Table:
    shown = Table(title="Bench", caption="us: processor time per operation; ms and us: smaller is better")
    for name in headings():
        shown.add_column(name, justify="left" if name in ("scenario", *GOALS) else "right")
    for figure in figures:
        shown.add_row(*cells(figure))
    return shown
