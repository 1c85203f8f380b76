"""One server in one folder: started, watched, paused, killed and stopped."""

import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from infra.bootstrap.local_stack import free_port
from infra.dev_servers.owner import give, runs_as
from infra.dev_servers.ports import Server, ServiceFailed
from infra.programs import alone

HOST = "127.0.0.1"
STARTS_WITHIN = 180.0
STOPS_WITHIN = 30.0
LOOK_EVERY = 0.05


class Who(NamedTuple):
    """What is written down of one that was started."""

    pid: int
    ports: Sequence[int]


@dataclass(slots=True)
class Instance:
    """A server and its folder, which holds who it is, its log, and what is the server's own in `home`.

    Who runs holds a lock on the file `alive` (inherited from us), so that neither a zombie nor a process that got the
    same id later is ever taken for it.
    """

    server: Server
    folder: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self, cache: Path, wanted: Sequence[int]) -> str:
        """Install it, start it on the ports (0: any free one, or the one it had), wait until it is healthy.

        One that runs already is left alone. Answers its address. Raises PortTaken, ServiceMissing, ServiceFailed.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with alone(self.folder / "starting"):
            if not self.running():
                self._spawn(self.server.install(cache), self._choose(wanted))
            self._until(self._answers, STARTS_WITHIN, "start")
        return self.address

    def stop(self) -> None:
        """Ask it to end, and wait for that; a server that does not end in time is killed. Raises ServiceFailed."""
        if self.running():
            self.resume()
            self._signal(signal.SIGTERM)
            with suppress(ServiceFailed):
                self._until(lambda: not self.running(), STOPS_WITHIN, "stop")
            self.kill()

    def kill(self) -> None:
        """End it at once, as a power cut would. Raises ServiceFailed."""
        if self.running():
            self._signal(signal.SIGKILL)
            self._until(lambda: not self.running(), STOPS_WITHIN, "die")

    def pause(self) -> None:
        """Let it hang: it accepts connections and answers nothing."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def running(self) -> bool:
        if self.process is not None:
            self.process.poll()
        try:
            held = os.open(self.folder / "alive", os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(held)
        return False

    @property
    def address(self) -> str:
        return self.server.address(self._who().ports)

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def _spawn(self, program: Path, ports: Sequence[int]) -> None:
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        command = self.server.command(program, home, ports)
        give(home)
        user = runs_as()
        who = self.folder / "who.json"
        who.unlink(missing_ok=True)
        alive = os.open(self.folder / "alive", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(alive, fcntl.LOCK_EX)
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=home,
                    pass_fds=[alive],
                    start_new_session=True,
                    user=user,
                    group=user,
                    extra_groups=None if user is None else [],
                )
        finally:
            os.close(alive)
        who.write_text(json.dumps(Who(self.process.pid, ports)._asdict()))

    def _choose(self, wanted: Sequence[int]) -> Sequence[int]:
        had: Sequence[int] = [0] * len(wanted)
        with suppress(ServiceFailed):
            had = self._who().ports
        return [free_port(HOST, port or before) for port, before in zip(wanted, had, strict=True)]

    def _answers(self) -> bool:
        if not self.running():
            raise ServiceFailed(f"{self.server.name} ended: {self._last_words()} (log: {self.log})")
        return self.server.healthy(self._who().ports)

    def _until(self, reached: Callable[[], bool], patience: float, what: str) -> None:
        deadline = time.monotonic() + patience
        while not reached():
            if time.monotonic() > deadline:
                raise ServiceFailed(f"{self.server.name} did not {what} within {patience:.0f} s (log: {self.log})")
            time.sleep(LOOK_EVERY)

    def _signal(self, number: signal.Signals) -> None:
        if self.running():
            with suppress(ProcessLookupError):
                os.kill(self._who().pid, number)

    def _who(self) -> Who:
        try:
            return Who(**json.loads((self.folder / "who.json").read_text()))
        except (FileNotFoundError, ValueError):
            raise ServiceFailed(f"{self.folder} does not say which process or ports it has.") from None

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        return lines[-1] if lines else "it said nothing"
