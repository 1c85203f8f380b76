"""`make torture`: a whole shop in real processes, killed again and again under load; or a night of simulations."""

import asyncio
import logging
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from tempfile import mkdtemp
from time import time

from rich.console import Console

from infra.dev_servers.ports import ServiceMissing
from tests.torture.nightly import simulate_all
from tests.torture.plan import planned
from tests.torture.planted import BUGS
from tests.torture.report import show, write
from tests.torture.run import Wish, torture

OUT = Path("build/torture.json")
WIDTH = 150


def main() -> int:
    asked = _asked()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a broker that was killed is no news here
    console = Console()
    console.width = max(console.width, WIDTH)
    if asked.schedules:
        return simulate_all(asked.seed, asked.schedules, console)
    seconds = asked.minutes * 60
    blows = planned(asked.seed, seconds, asked.workers, kafka=asked.kafka)
    wish = Wish(asked.seed, seconds, blows, asked.shoppers, asked.bug, workers=asked.workers, kafka=asked.kafka)
    folder = Path(mkdtemp(prefix="counterfoil-torture-"))
    folder.chmod(0o711)
    console.print(f"Seed {asked.seed}: {len(wish.blows)} blows in {asked.minutes:g} minutes; everything is in {folder}")
    try:
        outcome = asyncio.run(torture(wish, folder, lambda line: console.print(f"[dim]{line}[/dim]", highlight=False)))
    except ServiceMissing as missing:
        console.print(f"Kafka cannot be had: {missing} Without it: --no-kafka")
        return 1
    write(outcome, asked.out)
    show(outcome, console)
    return 0 if outcome.ok else 1


def _asked() -> Namespace:
    parser = ArgumentParser(prog="make torture", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="how long shoppers come and the shop is struck")
    parser.add_argument("--seed", type=int, default=int(time()), help="repeats what is done to the shop, and when")
    parser.add_argument("--shoppers", type=int, default=6, help="how many shop at once")
    parser.add_argument("--workers", type=int, default=1, help="how often each part runs that can share its work")
    parser.add_argument("--no-kafka", dest="kafka", action="store_false", help="leave the publisher and the feeds out")
    parser.add_argument("--schedules", type=int, default=0, help="instead: simulate so many schedules from --seed on")
    parser.add_argument("--bug", choices=sorted(BUGS), default="none", help="plant a bug, to see it caught")
    parser.add_argument("--out", type=Path, default=OUT)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
