"""What a scenario costs, function by function: `python -m tests.load.profile checkout --at-once 64 --seconds 10`.

Writes a stack file for each part to build/profile/ (flame graphs are made from such files), and prints the functions in
which most time was spent: `own` in the function itself, `with callees` in it and in all that it called.
"""

import asyncio
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from infra.bootstrap.local_stack import PARTS
from tests.load.bench import DATA, Bench, Options
from tests.load.jobs import Job
from tests.load.sampling import EVERY
from tests.load.visits import VISITS

OUT = Path("build/profile")
MOST = 15


def top(stacks: str) -> tuple[int, Counter[str], Counter[str]]:
    """Samples, own samples and samples with callees by function."""
    samples, own, total = 0, Counter[str](), Counter[str]()
    for line in stacks.splitlines():
        stack, _, count = line.rpartition(" ")
        functions = stack.split(";")
        samples += int(count)
        own[functions[-1]] += int(count)
        total.update(dict.fromkeys(functions, int(count)))
    return samples, own, total


def table(part: str, stacks: str, pauses: list[float]) -> Table:
    samples, own, total = top(stacks)
    collecting = f"{len(pauses)} collections of garbage, {sum(pauses):.0f} ms, the longest {max(pauses):.0f} ms"
    shown = Table(title=f"{part}: {samples} samples of {EVERY * 1000:.0f} ms; {collecting}")
    shown.add_column("own", justify="right")
    shown.add_column("function")
    shown.add_column("with callees", justify="right")
    shown.add_column("function of ours")
    ours = [(name, count) for name, count in total.most_common() if "site-packages" not in name and is_ours(name)]
    for (name, count), (called, with_callees) in zip(own.most_common(MOST), ours[:MOST], strict=False):
        shown.add_row(f"{count / samples:.1%}", name, f"{with_callees / samples:.1%}", called)
    return shown


def is_ours(name: str) -> bool:
    folder = name.rpartition("(")[2].partition("/")[0]
    return folder in ("commands", "domain", "infra", "process_managers", "projections", "read_api", "write_api")


async def _drive(visit: str, options: Options, console: Console, at_once: int) -> None:
    async with Bench(options, console) as bench:
        await bench.drive(visit, Job(visit=visit, at_once=at_once, seconds=options.seconds))


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("visit", choices=VISITS)
    parser.add_argument("--at-once", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--products", type=int)
    parser.add_argument("--data", type=Path, default=DATA)
    asked = parser.parse_args()
    console = Console(width=200)
    run = ("-m", "tests.load.sampling", str(OUT.resolve()))
    data = asked.data.resolve()
    options = Options(products=asked.products, runs=1, seconds=asked.seconds, data=data, run=run, workers=1)
    asyncio.run(_drive(asked.visit, options, console, asked.at_once))
    for part in PARTS:
        pauses = [float(line) for line in (OUT / f"{part}-pauses.txt").read_text().split()]
        console.print(table(part, (OUT / f"{part}.txt").read_text(), pauses))


if __name__ == "__main__":
    main()
