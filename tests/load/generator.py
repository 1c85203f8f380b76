"""A load generator: `python -m tests.load.generator`, a job on its standard input, what came of it on its output.

When it is warm it says so and waits for a line, so that whoever drives it can read the clocks.
"""

import asyncio
import gc
import os
import sys
import time
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import msgspec
import uvloop

from infra.security.tokens import Tokens
from tests.load.http import Client, Pool
from tests.load.jobs import Good, Job, Outcome
from tests.load.loops import Book, closed, opened
from tests.load.visits import LINES, VISITS, ConnectionSlots

CARTS_TO_READ = 200
WARM_AT_ONCE = 8


async def work(job: Job, goods: list[Good]) -> Outcome:
    client = Client(Pool(job.write_port, job.connections), Pool(job.read_port, job.connections))
    crowd = ConnectionSlots(client, Tokens(job.secret.encode()), goods, job.seed)
    if job.visit in ("cart", "grab"):
        carts = CARTS_TO_READ if job.visit == "cart" else round(job.rate * job.seconds)
        await crowd.fill(carts, lines=LINES if job.visit == "cart" else 1)
    visit = partial(VISITS[job.visit], crowd)
    async with crowd.watch.looking() if job.visit == "checkout" else nullcontext():
        if job.warm:
            at_once = min(job.at_once or WARM_AT_ONCE, WARM_AT_ONCE)
            await closed(visit, Book(), at_once=at_once, seconds=job.warm, patience=job.patience)
        gc.freeze()
        sys.stdout.write("warm\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        book, began, cpu = Book(), time.perf_counter(), time.process_time()
        if job.rate:
            await opened(visit, book, rate=job.rate, seconds=job.seconds, patience=job.patience)
        else:
            await closed(visit, book, at_once=job.at_once, seconds=job.seconds, patience=job.patience)
        outcome = Outcome(
            completed=book.completed,
            seconds=time.perf_counter() - began,
            latencies_ms=[round(latency, 3) for latency in book.latencies_ms],
            errors=dict(book.errors),
            cpu=time.process_time() - cpu,
        )
    client.write.close()
    client.read.close()
    return outcome


def main() -> None:
    job = msgspec.json.decode(sys.stdin.readline(), type=Job)
    goods = msgspec.json.decode(Path(job.goods).read_bytes(), type=list[Good])
    outcome = uvloop.run(work(job, goods))
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:  # buffered, so that a long line is written to its end
        out.write(msgspec.json.encode(outcome) + b"\n")


if __name__ == "__main__":
    main()
