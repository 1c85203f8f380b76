"""A day of a shop at ten times its traffic: `python -m tests.load.growth [--users 200000] [--times 10] [--workers 1]`.

Visits come at random along a day's curve. Each visit looks at lists and pages, some fill carts, some check out; what
each of these costs each part is taken from build/bench.json, as measured. The parts are queues that work off seconds of
processor time, with a core for each of their workers. Told is, for each part, how much it needs, how far behind it
falls, and with how many workers it keeps up; and what the log gains.
"""

import json
import math
import random
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

BENCH = Path("build/bench.json")
PARTS = ("api", "processes", "projections", "postgres")
DAY, HOUR = 86_400, 3_600
CURVE = (3, 2, 1, 1, 1, 2, 4, 7, 9, 10, 11, 12, 13, 12, 11, 11, 12, 14, 17, 20, 20, 16, 10, 6)
"""How the visits of a day are spread over its hours: a long evening."""

LISTS, PAGES = 6, 4
WITH_CART, WITH_ORDER = 0.12, 0.03
EVENTS, KILOBYTES = 30, 48
KEPT_UP = 0.25
"""Seconds that a part may be behind."""

SCENARIOS = {"list": "list", "page": "page", "add": "add-to-cart", "checkout": "checkout"}


@dataclass(slots=True)
class Queue:
    """Seconds of work that wait for a part, and what has become of it."""

    workers: float
    waiting: float = 0.0
    done: float = 0.0
    behind: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)

    def second(self, work: float) -> None:
        """A second passes in which that much work comes."""
        self.asked.append(work)
        self.waiting += work
        worked = min(self.waiting, self.workers)
        self.waiting -= worked
        self.done += worked
        self.behind.append(self.waiting / self.workers)


def costs(bench: Path) -> Mapping[str, Mapping[str, float]]:
    """Microseconds of each part for each thing that a visitor does, at 64 connections."""
    lines = json.loads(bench.read_text())
    measured = {line["scenario"]: line["cpu_us"] for line in lines if line["connections"] == 64}
    if missing := set(SCENARIOS.values()) - measured.keys():
        raise SystemExit(f"{bench} lacks {', '.join(sorted(missing))}: make bench ARGS='{' '.join(sorted(missing))}'")
    return {deed: measured[scenario] for deed, scenario in SCENARIOS.items()}


def visits(asked: Namespace) -> Iterator[int]:
    """So many visits begin in each second of the day."""
    chance = random.Random(asked.seed)
    total = asked.users * asked.times
    for second in range(DAY):
        hour, part = divmod(second, HOUR)
        share = CURVE[hour] + (CURVE[(hour + 1) % 24] - CURVE[hour]) * part / HOUR
        yield _poisson(chance, total * share / sum(CURVE) / HOUR)


def _poisson(chance: random.Random, mean: float) -> int:
    """Knuth's way for small means, the normal one for others."""
    if mean > 30:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    count, product, limit = 0, chance.random(), math.exp(-mean)
    while product > limit:
        count, product = count + 1, product * chance.random()
    return count


def day(
    asked: Namespace, cost: Mapping[str, Mapping[str, float]], workers: float
) -> tuple[dict[str, Queue], list[int]]:
    """The queues at the end of the day, and the orders of each second."""
    queues = {part: Queue(workers) for part in PARTS}
    chance, orders = random.Random(asked.seed + 1), list[int]()
    for coming in visits(asked):
        bought = sum(chance.random() < WITH_ORDER for _ in range(coming))
        filled = sum(chance.random() < WITH_CART for _ in range(coming))
        deeds = {"list": coming * LISTS, "page": coming * PAGES, "add": filled, "checkout": bought}
        for part, queue in queues.items():
            queue.second(sum(count * cost[deed].get(part, 0.0) for deed, count in deeds.items()) / 1e6)
        orders.append(bought)
    return queues, orders


def needed(queue: Queue) -> int:
    """With how many workers the part would have kept up nearly always."""
    for workers in range(1, 65):
        again = Queue(workers)
        for work in queue.asked:
            again.second(work)
        if sorted(again.behind)[round(DAY * 0.999)] <= KEPT_UP:
            return workers
    return 65


def main() -> None:
    """Print the day."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=200_000, help="each visits once in a normal day")
    parser.add_argument("--times", type=float, default=10.0, help="as much as on a normal day")
    parser.add_argument("--workers", type=int, default=1, help="cores for each part")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bench", type=Path, default=BENCH)
    asked = parser.parse_args()
    queues, orders = day(asked, costs(asked.bench), asked.workers)
    busiest = max(sum(orders[begin : begin + 60]) for begin in range(0, DAY, 60)) / 60
    table = Table(title=f"{asked.users:,} users, {asked.times:g} times a normal day, {asked.workers} core(s) a part")
    for name in ("part", "cores, mean", "cores, busiest minute", "behind at worst, s", "workers to keep up"):
        table.add_column(name, justify="right")
    for part, queue in queues.items():
        minute = max(sum(queue.asked[begin : begin + 60]) for begin in range(0, DAY, 60)) / 60
        needs = needed(queue)
        enough = str(needs) if needs <= 64 else "more than 64"
        table.add_row(part, f"{sum(queue.asked) / DAY:.2f}", f"{minute:.2f}", f"{max(queue.behind):,.1f}", enough)
    console = Console()
    console.print(table)
    total = sum(orders)
    console.print(
        f"{total:,} orders, {busiest:.1f} a second in the busiest minute; the log gains {total * EVENTS:,} events, "
        f"the database {total * KILOBYTES / 2**20:.1f} GB."
    )


if __name__ == "__main__":
    main()
