"""`counterfoil up` until both APIs have answered: in an empty folder, and again on a shop with its whole catalogue.

Then what the shop holds in memory while nobody comes.
"""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from infra.bootstrap.local_stack import free_port
from infra.postgres.embedded import EmbeddedPostgres
from tests.load.bench import Bench
from tests.load.figures import Figure, Goal, Run, median
from tests.load.folders import temporary_folder
from tests.load.processor import children_of, megabytes_of

PATIENCE, LOOK_EVERY, AT_REST = 120.0, 0.02, 3.0
NOTHING = Goal("4 s", "p50_ms", 4_000)
DATA = Goal("2 s", "p50_ms", 2_000)
QUESTION = {"query": "{ categories { name } }"}


async def measure(bench: Bench) -> AsyncIterator[Figure]:
    shop = await bench.shop()
    with_data = shop.settings.data
    await bench.quiet()
    runs, memory = list[Run](), dict[str, float]()
    for _ in range(bench.options.runs):
        with temporary_folder() as folder:
            run, memory = await _started(folder / "data")
            runs.append(run)
    yield _figure(bench, "start from nothing", runs, NOTHING, memory)
    runs = []
    for _ in range(bench.options.runs):
        run, memory = await _started(with_data)
        runs.append(run)
    yield _figure(bench, "start with data", runs, DATA, memory)


def _figure(bench: Bench, scenario: str, runs: list[Run], goal: Goal, memory: dict[str, float]) -> Figure:
    held = ", ".join(f"{part} {megabytes:.0f}" for part, megabytes in memory.items())
    note = f"MB held at rest: {sum(memory.values()):.0f} ({held})"
    run = median(runs, by_latency=True)
    bench.say(f"{scenario}: {run.latencies_ms[0]:.0f} ms; {note}")
    figure = Figure.of(scenario, 1, run, goal, note)
    return bench.signed(figure)


async def _started(data: Path) -> tuple[Run, dict[str, float]]:
    write, read = (free_port("127.0.0.1", 0) for _ in range(2))
    words = ["up", "--data", str(data), "--write-port", str(write), "--read-port", str(read), "--web-port", "0"]
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "infra.cli.main", *words, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        await _answered(process, f"http://127.0.0.1:{read}/graphql", f"http://127.0.0.1:{write}/health")
        seconds = time.perf_counter() - began
        await asyncio.sleep(AT_REST)
        memory = _memory(process.pid, EmbeddedPostgres(data).pid())
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()
    return Run(1, seconds, [seconds * 1000], {}, {}), memory


async def _answered(process: asyncio.subprocess.Process, graphql: str, health: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(PATIENCE):
        for request in (client.build_request("POST", graphql, json=QUESTION), client.build_request("GET", health)):
            while True:
                if process.returncode is not None:
                    raise RuntimeError(f"`counterfoil up` ended with exit code {process.returncode}.")
                try:
                    (await client.send(request)).raise_for_status()
                    break
                except httpx.HTTPError:
                    await asyncio.sleep(LOOK_EVERY)


def _memory(supervisor: int, server: int) -> dict[str, float]:
    held = {"supervisor": megabytes_of(supervisor)}
    for pid in children_of(supervisor):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        if "run" in words:
            part = words[words.index("run") + 1]
            held[part] = held.get(part, 0.0) + megabytes_of(pid)
    return held | {"postgres": sum(map(megabytes_of, (server, *children_of(server))))}
