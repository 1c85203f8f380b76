"""`make fuzz`: throw requests and questions at a shop for some minutes, then prove that it has come to no harm.

A run ends with exit code 1 when anything was our fault, when an answer was not what the documents say, or when a claim
of `counterfoil check` does not hold that held before.
"""

import asyncio
import sys
import time
from argparse import ArgumentParser
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from hypothesis import HealthCheck, given, seed, settings

from infra.bootstrap import composition
from infra.eventstore.factory import open_event_store
from infra.postgres.embedded import EmbeddedPostgres
from infra.projections.active import ActiveBuilds
from infra.settings import Settings
from projections.registry import PROJECTIONS
from tests.hostile.everything import fill
from tests.hostile.parts import Running, bearer, running
from tests.hostile.questions import asked
from tests.hostile.requests import throw_requests

CATCHING_UP = 600.0
AT_A_TIME = 200


def main(minutes: float, number: int) -> int:
    say(f"seed {number}: the same seed throws the same things")
    with TemporaryDirectory(prefix="counterfoil-fuzz-") as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedPostgres(Path(folder))
        server.start()
        try:
            return asyncio.run(_fuzz(server.url, Path(folder), minutes * 60, number))
        finally:
            server.stop()


async def _fuzz(url: str, folder: Path, seconds: float, number: int) -> int:
    store = (await open_event_store(url)).store
    await fill(store)
    await store.close()
    async with AsyncExitStack() as stack:
        parts = [
            await stack.enter_async_context(running(name, url, folder))
            for name in ("projections", "write-api", "read-api")
        ]
        before = await _broken(url)
        code, told = await throw_requests(parts[1], f"--seed={number}", f"--max-time={max(1, int(seconds / 2))}")
        say(told if code else told[told.rfind("Test cases:") :])
        questions = await asyncio.to_thread(_ask, parts[2], seconds / 2, number)
        say(f"{questions:,} questions asked")
        broken = await _broken(url) - before
        faults = [part.part.name for part in parts if "failed" in part.part.log.read_text()]
        if faults:
            say(f"our fault, see above: {', '.join(part.part.log.read_text() for part in parts)}")
    say(f"does not hold any more: {', '.join(broken)}" if broken else "What held before holds.")
    return int(bool(code or broken or faults))


def _ask(at: Running, seconds: float, number: int) -> int:
    """Ask until the time is over; how many questions that were. Raises AssertionError with the smallest bad one."""
    count, deadline = 0, time.monotonic() + seconds
    with httpx.Client(base_url=at.url, headers=bearer(), trust_env=False, timeout=60) as client:

        @settings(max_examples=AT_A_TIME, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(query=asked())
        def ask(query: str) -> None:
            nonlocal count
            count += 1
            answer = client.post("/graphql", json={"query": query})
            assert answer.status_code in (200, 400), f"{query}\n{answer.text}"
            assert "INTERNAL_ERROR" not in answer.text, f"{query}\n{answer.text}"

        while time.monotonic() < deadline:
            seed(number + count)(ask)()
    return count


async def _broken(url: str) -> set[str]:
    """The claims that do not hold, once the read models have caught up."""
    settings = Settings(database=url)
    async with composition.event_store(settings) as store, ActiveBuilds(url) as models:
        head = await store.head()
        await models.wait_for([projection.name for projection in PROJECTIONS], head, CATCHING_UP)
    verdict = await composition.check(settings, lambda _at, _head: None)
    return {one.claim for one in verdict.checks if not one.ok}


def say(line: str) -> None:
    sys.stdout.write(f"{line.strip()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=time.time_ns() // 1_000_000_000)
    asked_for = parser.parse_args()
    sys.exit(main(asked_for.minutes, asked_for.seed))
