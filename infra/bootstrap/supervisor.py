"""Keep the parts of the shop running: start them, start them again when they die, stop them in order."""

import asyncio
import os
import signal
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from domain.shared.backoff import Backoff
from infra.telemetry.log_files import LOG_FILE, open_log

READY = b"ready\n"
"""What a supervised part prints on its standard output when it does its work."""

ALIVE = b"alive\n"
"""What a supervised part prints every ALIVE_EVERY seconds. One that did so, came up and then says nothing is frozen."""

ALIVE_EVERY, LOOK_EVERY, LOOKS = 5.0, 15.0, 2
"""Seconds. After so many looks without a line a part is killed; one may come late as the supervisor was stopped."""

BACKOFF = Backoff(0.2, 10.0)
SETTLED_AFTER = 30.0
TRIES_TO_START = 3
REFUSED = 2
"""The exit code of a part that was started with something wrong."""

FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM)
"""Signals from outside: they do not show that the part cannot start."""

PATIENCE = 10.0


class PartFailed(Exception):
    """A part does not come up."""


class PartRefused(Exception):
    """A part says that it was started with something wrong: to start it again changes nothing."""


@dataclass(slots=True)
class Part:
    """A child process. Its standard input stays open as long as we live: at its end the child stops by itself."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: Process | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    came_up: bool = False

    async def start(self) -> None:
        self.came_up = False
        with os.fdopen(open_log(self.log), "ab") as errors:
            self.process = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=errors,
                env={**self.environment, LOG_FILE: str(self.log)},
                start_new_session=True,
            )

    async def watch(self) -> str:
        """Until the process ends; answers how it ended."""
        process = self.process
        assert process is not None
        assert process.stdout is not None
        alive, in_vain = False, 0
        while line := await _line(process.stdout, LOOK_EVERY if alive and self.came_up else None):
            in_vain = in_vain + 1 if line == NOTHING else 0
            if in_vain == LOOKS:
                process.kill()
            elif line == READY:
                self.came_up = True
                self.ready.set()
            alive |= line == ALIVE
        code = await process.wait()
        self.ready.clear()
        if in_vain >= LOOKS:
            return f"frozen for {LOOKS * LOOK_EVERY:g} s and killed"
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    async def stop(self) -> None:
        process = self.process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(PATIENCE):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def last_words(self) -> str:
        """The end of the log, for people."""
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        return lines[-1] if lines else "it said nothing"


NOTHING = b"nothing\n"


async def _line(stream: asyncio.StreamReader, within: float | None) -> bytes:
    """The next line, empty at the end of the stream; NOTHING when none comes in time."""
    try:
        async with asyncio.timeout(within):
            return await stream.readline()
    except TimeoutError:
        return NOTHING


@dataclass(slots=True)
class Supervisor:
    """Runs parts until it is stopped; `say` gets a line whenever something happens.

    A part that was up is started again without a limit, however long what it needs is away.
    """

    parts: Sequence[Part]
    say: Callable[[str], None]
    _keepers: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(self) -> None:
        """All parts up, in this order. Raises PartFailed, PartRefused."""
        for part in self.parts:
            self._keepers.append(asyncio.create_task(self._keep(part), name=part.name))
        for part, keeper in zip(self.parts, self._keepers, strict=True):
            up = asyncio.create_task(part.ready.wait())
            await asyncio.wait({up, keeper}, return_when=asyncio.FIRST_COMPLETED)
            up.cancel()
            if keeper.done():
                keeper.result()

    def add(self, parts: Sequence[Part]) -> None:
        """Start further ones, and wait for none of them."""
        self.parts = [*self.parts, *parts]
        self._keepers += [asyncio.create_task(self._keep(part), name=part.name) for part in parts]

    async def run(self) -> None:
        """For ever, or until a part does not come up the first time. Raises PartFailed, PartRefused."""
        await asyncio.gather(*self._keepers)

    async def stop(self) -> None:
        """Stop the parts one after the other, last started first."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for part in reversed(self.parts):
            await part.stop()

    async def _keep(self, part: Part) -> None:
        """A part that fails before it was ever up needs a correction by hand; all others are started again."""
        ends, failures, proven = 0, 0, False
        while True:
            await part.start()
            began = time.monotonic()
            end = await part.watch()
            proven |= part.came_up
            if part.process is not None and part.process.returncode not in FROM_OUTSIDE:
                failures = 0 if proven else failures + 1
            if failures and part.process is not None and part.process.returncode == REFUSED:
                raise PartRefused(part.last_words())
            if failures >= TRIES_TO_START:
                raise PartFailed(f"{part.name} does not start ({end}): {part.last_words()} (log: {part.log})")
            if time.monotonic() - began > SETTLED_AFTER:
                ends = 0
            self.say(f"{part.name} died ({end}); starting it again (log: {part.log})")
            ends += 1
            await asyncio.sleep(BACKOFF.pause(ends))
