"""A shop in processes of its own, and hands to use it and to hurt it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import httpx

from infra.bootstrap import composition
from infra.bootstrap.data_folder import with_secrets
from infra.settings import Settings

ROOT = Path(__file__).parents[2]
PATIENCE = 120
LIFETIME = timedelta(hours=1)
PAUSES = (0.1, 0.5, 2.0, 5.0, 10.0)
RUN = ("-m", "infra.cli.main")
"""What the interpreter runs as `counterfoil`."""


def environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("COUNTERFOIL_")}


def counterfoil(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; `settings` are for its environment."""
    return subprocess.run(
        [sys.executable, "-m", "infra.cli.main", *words],
        cwd=ROOT,
        env={**environment(), **settings},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@contextmanager
def data_folder() -> Iterator[Path]:
    """A folder into which the database's own user may look, as it must when the tests run as root."""
    with TemporaryDirectory(prefix="counterfoil-e2e-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "data"


@dataclass(slots=True)
class Program:
    """A `counterfoil` that runs. Its output is in files beside the data folder."""

    data: Path
    words: tuple[str, ...]
    settings: Mapping[str, str]
    run: Sequence[str] = RUN
    python: str = sys.executable
    folder: Path = ROOT
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        with self.out.open("w") as out, self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [self.python, *self.run, *self.words, "--data", str(self.data)],
                cwd=self.folder,
                env={**environment(), **self.settings, "PYTHONUNBUFFERED": "1"},
                stdout=out,
                stderr=errors,
                text=True,
            )

    @property
    def out(self) -> Path:
        return self.data.parent / "out"

    @property
    def errors(self) -> Path:
        return self.data.parent / "errors"

    def part(self, name: str) -> int | None:
        """The process id of a part, if it runs."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in map(int, children):
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except FileNotFoundError:
                continue
            if name.encode() in words:
                return pid
        return None

    def kill(self, name: str) -> None:
        """End a part as a power cut would."""
        pid = self.part(name)
        assert pid is not None, f"{name} does not run"
        os.kill(pid, signal.SIGKILL)

    def stop(self, number: int = signal.SIGINT) -> int:
        """Ask for the end; answers the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        """Whatever a test has left."""
        if self.process.poll() is None:
            self.stop()


@contextmanager
def running(data: Path, *words: str, **settings: str) -> Iterator[Program]:
    program = Program(data, words, settings)
    try:
        yield program
    finally:
        program.close()


@dataclass(slots=True)
class Client:
    """Talks to a shop as its clients do."""

    write: str
    read: str
    data: Path
    _tokens: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, program: Program) -> "Client":
        """Of a program that has said where it listens."""
        told = program.out.read_text()
        (read,) = re.findall(r"(http://\S+)/graphql", told)
        (write,) = re.findall(r"(http://\S+)/docs", told)
        return cls(write, read, program.data)

    def command(self, method: str, path: str, role: str, **body: Any) -> dict[str, Any]:
        headers = {**self.bearer(role), "Idempotency-Key": str(uuid4())}
        answer = answered(method, f"{self.write}{path}", body or None, headers)
        assert answer.is_success, answer.text
        given: dict[str, Any] = answer.json()
        return given

    def ask(self, query: str, role: str, **variables: Any) -> dict[str, Any]:
        question = {"query": query, "variables": variables}
        answer = answered("POST", f"{self.read}/graphql", question, self.bearer(role)).json()
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def bearer(self, role: str) -> dict[str, str]:
        if role not in self._tokens:
            tokens = composition.tokens(with_secrets(Settings(data=self.data)))
            self._tokens[role] = tokens.issue(f"e2e-{role}", [role], LIFETIME)
        return {"Authorization": f"Bearer {self._tokens[role]}"}


def answered(method: str, url: str, said: object, headers: Mapping[str, str]) -> httpx.Response:
    """The answer. A worker that is killed breaks its connections; to ask again is harmless, commands have a key."""
    for pause in PAUSES:
        try:
            return httpx.request(method, url, json=said, headers=headers, trust_env=False, timeout=30)
        except httpx.TransportError:
            time.sleep(pause)
    return httpx.request(method, url, json=said, headers=headers, trust_env=False, timeout=30)


def report_of(program: Program) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(program.out.read_text())
    return report
