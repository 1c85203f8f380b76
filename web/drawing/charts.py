"""Charts as SVG, drawn on the server: bars over time, and lines of steps. A table stands behind each."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, WIDEST = 1000, 200, 60


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in the units of the view box, and what it stands for."""

    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart of bars; `top` is the value at its upper edge."""

    bars: Sequence[Bar]
    top: int
    width: int = WIDTH
    height: int = HEIGHT


def bars(values: Sequence[int], titles: Sequence[str]) -> Bars:
    """Bars side by side from zero up; what is below zero is drawn as nothing."""
    top = rounded_up(max((0, *values)))
    step = WIDTH / max(1, len(values))
    width = min(step * 0.8, WIDEST)
    drawn = [
        Bar(
            round((n + 0.5) * step - width / 2, 2),
            round(HEIGHT - height, 2),
            round(width, 2),
            round(height, 2),
            title,
        )
        for n, (value, title) in enumerate(zip(values, titles, strict=True))
        if (height := HEIGHT * max(0, value) / top)
    ]
    return Bars(drawn, top)


def rounded_up(value: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50, ...: a value that an axis can end with."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if value <= factor * size:
                return factor * size
        size *= 10
