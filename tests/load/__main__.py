"""`make bench`: run scenarios (all, or those that are named), print one table, write build/bench.json."""

import asyncio
import json
import logging
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

import structlog
from rich.console import Console

from tests.load.bench import DATA, Bench, Options, fresh
from tests.load.figures import Figure
from tests.load.scenarios import SCENARIOS
from tests.load.table import table

OUT = Path("build/bench.json")
WIDTH = 180


def main() -> None:
    asked = _asked()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    console = Console()
    console.width = max(console.width, WIDTH)
    if asked.fresh:
        fresh(asked.data)
    options = Options(
        products=asked.products,
        runs=asked.runs,
        seconds=asked.seconds,
        minute=asked.minute,
        buyers=asked.buyers,
        orders=asked.orders,
        visitors=asked.visitors,
        mix=asked.mix,
        data=asked.data.resolve(),
    )
    figures = asyncio.run(_all(asked.scenarios or list(SCENARIOS), options, console, asked.out))
    console.print(table(figures))


async def _all(names: Sequence[str], options: Options, console: Console, out: Path) -> list[Figure]:
    """What is measured is written down at once, for the next scenario may break off."""
    figures = list[Figure]()
    async with Bench(options, console) as bench:
        for name in names:
            async for figure in SCENARIOS[name](bench):
                figures.append(figure)
                write(figures, out)
    return figures


def write(figures: Sequence[Figure], out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps([figure.as_dict() for figure in figures], indent=2) + "\n")


def _asked() -> Namespace:
    usual = Options()
    parser = ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="scenario", help=f"of {', '.join(SCENARIOS)}; default: all")
    parser.add_argument("--products", type=int, help="import only so many; default: all 92,331")
    parser.add_argument("--runs", type=int, default=usual.runs, help="the median of so many is told")
    parser.add_argument("--seconds", type=float, default=usual.seconds, help="how long a run takes")
    parser.add_argument("--minute", type=float, default=usual.minute, help="how many seconds `mixed` and `web` take")
    parser.add_argument("--mix", type=_mix, default=usual.mix, help="checkouts,lists,pages a second in `mixed`")
    parser.add_argument("--buyers", type=int, default=usual.buyers, help="of `hot-sku`")
    parser.add_argument("--orders", type=int, default=usual.orders, help="in the log of `rebuild`, 36 events each")
    parser.add_argument("--visitors", type=int, default=usual.visitors, help="of `web`, each with a page every 10 s")
    parser.add_argument("--fresh", action="store_true", help="forget the data that earlier runs have kept")
    parser.add_argument("--data", type=Path, default=DATA, help="where that data is")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    if unknown := set(asked.scenarios) - SCENARIOS.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}; choose of {', '.join(SCENARIOS)}")
    return asked


def _mix(text: str) -> tuple[float, float, float]:
    checkouts, lists, pages = map(float, text.split(","))
    return checkouts, lists, pages


if __name__ == "__main__":
    main()
