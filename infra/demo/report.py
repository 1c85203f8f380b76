"""What a run of the demo came to, for people and for scripts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console, Group
from rich.table import Table

from infra.demo.receipts import Oddity

SHOWN_FAILURES = 10


@dataclass(frozen=True, slots=True)
class Department:
    """Revenue in cents: what the read model says, and what the data set says."""

    name: str
    read_model: int
    data_set: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Figures of one run; `departments` are keyed by the data set's own names."""

    first_basket: int
    baskets: int
    orders: int
    shipped: int
    products_imported: int
    departments: Mapping[str, Department]
    oddities: Mapping[Oddity, int]
    events: int
    import_seconds: float
    replay_seconds: float
    check_seconds: float
    events_behind: int
    seconds_behind: float
    check: str
    failures: Sequence[str] = ()

    @property
    def agrees(self) -> bool:
        return all(one.read_model == one.data_set for one in self.departments.values())

    @property
    def passed(self) -> bool:
        return self.agrees and self.check == "passed" and not self.failures

    @property
    def events_per_second(self) -> float:
        """Over import and replay; the check writes nothing."""
        seconds = self.import_seconds + self.replay_seconds
        return self.events / seconds if seconds else 0.0

    def as_dict(self) -> dict[str, Any]:
        return {
            "baskets": self.baskets,
            "first_basket": self.first_basket,
            "orders": self.orders,
            "shipped": self.shipped,
            "products_imported": self.products_imported,
            "departments": {
                key: {"read_model": one.read_model, "data_set": one.data_set} for key, one in self.departments.items()
            },
            "agrees": self.agrees,
            "oddities": {oddity.name.lower(): count for oddity, count in self.oddities.items()},
            "events": self.events,
            "seconds": {
                "import": round(self.import_seconds, 1),
                "replay": round(self.replay_seconds, 1),
                "check": round(self.check_seconds, 1),
            },
            "events_per_second": round(self.events_per_second, 1),
            "lag": {"events": self.events_behind, "seconds": round(self.seconds_behind, 2)},
            "check": self.check,
            "failures": list(self.failures),
        }

    def show(self, console: Console) -> None:
        console.print(Group(self._revenue(), self._oddities(), self._figures()))
        for failure in self.failures[:SHOWN_FAILURES]:
            console.print(failure, style="red", markup=False, highlight=False)

    def _seconds(self) -> str:
        return ", ".join(f"{s:,.0f}" for s in (self.import_seconds, self.replay_seconds, self.check_seconds))

    def _revenue(self) -> Table:
        table = Table("Department", title="Revenue by department, USD", title_justify="left")
        for column in ("Read model", "Data set", "Difference"):
            table.add_column(column, justify="right")
        rows = sorted(self.departments.values(), key=lambda one: -one.data_set)
        total = Department("All", sum(one.read_model for one in rows), sum(one.data_set for one in rows))
        for one in rows:
            table.add_row(*_row(one), end_section=one is rows[-1])
        table.add_row(*_row(total), style="bold")
        return table

    def _oddities(self) -> Table:
        table = Table("Oddities of these baskets (docs/demo-data.md)", title_justify="left")
        table.add_column("Count", justify="right")
        for oddity in Oddity:
            if count := self.oddities.get(oddity):
                table.add_row(str(oddity), f"{count:,}")
        return table

    def _figures(self) -> Table:
        table = Table(show_header=False)
        table.add_column()
        table.add_column(justify="right")
        last = self.first_basket + self.baskets
        for name, value in (
            ("Baskets", f"{self.baskets:,} (number {self.first_basket + 1:,} to {last:,})"),
            ("Orders placed", f"{self.orders:,}"),
            ("Orders shipped", f"{self.shipped:,}"),
            ("Products imported", f"{self.products_imported:,}"),
            ("Events written", f"{self.events:,}"),
            ("Events per second", f"{self.events_per_second:,.0f}"),
            ("Seconds to import, replay, check", self._seconds()),
            ("Lag of the read models", f"{self.events_behind:,} events, {self.seconds_behind:.1f} s"),
            ("Read model and data set", "agree to the cent" if self.agrees else "DIFFER"),
            ("Check of the log", self.check),
        ):
            table.add_row(name, value)
        return table


def _row(one: Department) -> tuple[str, str, str, str]:
    difference = one.read_model - one.data_set
    return one.name, _dollars(one.read_model), _dollars(one.data_set), _dollars(difference)


def _dollars(cents: int) -> str:
    return f"{cents / 100:,.2f}"
