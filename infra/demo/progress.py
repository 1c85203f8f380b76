"""Progress bars of the demo, on stderr."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from domain.shared.recorded import Position


class Bars:
    """Used as `with`. Quiet ones show nothing."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=quiet,
        )
        self._products = self._bars.add_task("Products imported", total=None, start=False)
        self._placed = self._bars.add_task("Baskets ordered", total=None, start=False, visible=False)
        self._shipped = self._bars.add_task("Orders shipped", total=None, start=False, visible=False)
        self._checked = self._bars.add_task("Events checked", total=None, start=False, visible=False)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def expect(self, *, products: int, baskets: int) -> None:
        self._bars.start_task(self._products)
        self._bars.update(self._products, total=products)
        for task in (self._placed, self._shipped):
            self._bars.update(task, total=baskets, visible=baskets > 0)
            self._bars.start_task(task)

    def imported(self, products: int) -> None:
        self._bars.advance(self._products, products)

    def placed(self) -> None:
        self._bars.advance(self._placed)

    def shipped(self) -> None:
        self._bars.advance(self._shipped)

    def checked(self, at: Position, head: Position) -> None:
        self._bars.start_task(self._checked)
        self._bars.update(self._checked, completed=at, total=head, visible=True)
