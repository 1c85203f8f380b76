"""The embedded PostgreSQL: a real server out of a wheel, on a Unix socket in the data folder."""

import os
import pwd
import re
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from infra.default_folders import open_to_all
from infra.postgres.locks import Lock, anything_works_in, working_folder, works_in
from infra.postgres.program import PostgresFailed, programs, run_as_server, server_user

SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "log_min_messages": "warning",
}
SOCKET = ".s.PGSQL.5432"
PLAIN = re.compile(r"/[A-Za-z0-9/._-]{1,90}", re.ASCII)
"""Paths that fit into the address of a Unix socket, and into a URL as they are."""

HERE = Path("/proc/self/cwd")
"""The data, for a server that works there: where its user cannot reach the path, or pg_ctl's shell would misread it."""

IDENTITY = "select system_identifier, split_part(pg_read_file('postmaster.pid'), e'\\n', 1) from pg_control_system()"
PATIENCE, LOOK_EVERY = 20.0, 0.05


@dataclass(slots=True)
class EmbeddedPostgres:
    """A PostgreSQL server of our own in `folder`, durable (fsync and synchronous_commit are on).

    Started by root it runs as the system user `embedded_postgres`, also in a folder that this user cannot reach by its
    path. A server that still runs in `folder` is taken over. Nothing in the folder depends on where the folder is.
    """

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder = self.folder.resolve()

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self._sockets}"

    @property
    def log(self) -> Path:
        return self.folder / "postgresql.log"

    @property
    def data(self) -> Path:
        return self.folder / "postgresql"

    def made(self) -> bool:
        """Whether there is a database in the folder."""
        return (self.data / "PG_VERSION").exists()

    def start(self, *, new: bool = True) -> str:
        """Start the server, making its files first if there are none and `new`, and answer its URL.

        Raises PostgresFailed.
        """
        if not new and not self.made():
            raise PostgresFailed(f"{self.data} holds no database (any more)")
        self._prepare()
        if not self.made():
            self._run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
            (self.data / "postgresql.auto.conf").write_text(self._configuration())
        self._check_version()
        # The children of a killed server hold its memory for a moment, so that the first tries may fail.
        deadline = time.monotonic() + PATIENCE
        while not self.serving():
            if not self.running():
                self._clear_locks()
                self._call("pg_ctl", "-o", f"-c unix_socket_directories={self._listens_in}", "-w", "start")
            elif not self._sockets.joinpath(SOCKET).exists():
                self._end()  # its socket is elsewhere: the folder was moved, or an older version started it
            if time.monotonic() > deadline:
                raise PostgresFailed(f"PostgreSQL does not start: {self._last_words()} (see {self.log})")
            time.sleep(LOOK_EVERY)
        return self.url

    def find(self) -> str:
        """The URL of the server that runs in the folder, when it serves. Raises PostgresFailed."""
        deadline = time.monotonic() + PATIENCE
        while not self.serving():
            if time.monotonic() > deadline:
                raise PostgresFailed(f"The server in {self.data} does not answer in {self._sockets} (see {self.log})")
            time.sleep(LOOK_EVERY)
        return self.url

    def stop(self) -> None:
        """Stop the server and wait for it; connections are cut, committed work is safe."""
        self._end()
        if self._sockets != self.data:
            with suppress(OSError):
                self._sockets.rmdir()

    def _end(self) -> None:
        if self.running():
            self._run("pg_ctl", "-m", "fast", "-w", "-t", "60", "stop")

    def running(self) -> bool:
        """Whether a server runs in this very folder: one that a copied lock file names runs in another."""
        lock = Lock.of(self._lock)
        return lock is not None and works_in(lock.pid, self.data)

    def serving(self) -> bool:
        """Whether the server answers. Raises PostgresFailed if it is the server of another folder."""
        words = ["psql", "-XAt", "-h", str(self._sockets), "-U", "postgres", "-d", "postgres", "-c", IDENTITY]
        asked = subprocess.run([programs() / words[0], *words[1:]], capture_output=True, text=True, check=False)
        if asked.returncode != 0:
            return False
        identifier, pid = asked.stdout.strip().split("|")
        if identifier != self._system_identifier() or not works_in(int(pid), self.data):
            raise PostgresFailed(
                f"The server in {self._sockets} is that of {working_folder(int(pid))} (process {pid}, system"
                f" identifier {identifier}), not of {self.data}. Stop it, then start this one again"
            )
        return True

    def pid(self) -> int:
        """The process id of the running server."""
        return int(self._lock.read_text().split()[0])

    @property
    def _lock(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def _sockets(self) -> Path:
        """In the folder wherever that is, or by its path where that is too long or odd for the address of a socket."""
        if PLAIN.fullmatch(str(self.data)):
            return self.data
        return Path("/tmp") / f"counterfoil-{sha256(os.fsencode(self.folder)).hexdigest()[:16]}"

    @property
    def _listens_in(self) -> Path:
        return Path() if self._sockets == self.data else self._sockets

    def _configuration(self) -> str:
        return "".join(f"{name} = {value}\n" for name, value in (SETTINGS | self.settings).items())

    def _prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.data, self._sockets):
            folder.mkdir(mode=0o700, exist_ok=True)
            self._own(folder)
        self.log.touch(mode=0o600)
        self.log.chmod(0o600)

    def _own(self, folder: Path) -> None:
        """Have the server's user own the folder with everything in it. A copy made by root belongs to root."""
        user, owner = server_user(), folder.stat().st_uid
        if owner == (os.geteuid() if user is None else user.pw_uid):
            return
        if user is None or (name := _name(owner)) not in ("root", None):
            name = _name(owner) or f"user {owner}"
            raise PostgresFailed(f"{folder} belongs to {name}. Run this as {name}, or choose another data folder")
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)

    def _check_version(self) -> None:
        made, ours = (self.data / "PG_VERSION").read_text().strip(), _major_version()
        if made != ours:
            raise PostgresFailed(
                f"{self.data} was made by PostgreSQL {made}, this is PostgreSQL {ours}. Take a backup with the"
                " Counterfoil that made it, and restore that into an empty data folder with this one"
            )

    def _clear_locks(self) -> None:
        """Remove lock files whose process lives and works elsewhere. Raises PostgresFailed for a torn copy."""
        for file in (self._lock, self._sockets / f"{SOCKET}.lock"):
            lock = Lock.of(file)
            if lock is None or (elsewhere := working_folder(lock.pid)) is None or anything_works_in(self.data):
                continue
            if file == self._lock and lock == Lock.of(elsewhere / file.name):
                raise PostgresFailed(
                    f"{self.folder} was copied while the server of {elsewhere} (process {lock.pid}) ran, so that its"
                    " files may not fit together. Stop that one and copy again, or use: counterfoil backup"
                )
            file.unlink()

    def _system_identifier(self) -> str:
        program = programs() / "pg_controldata"
        shown = subprocess.check_output([program, "-D", self.data], text=True, env={"LC_ALL": "C"})
        return shown.partition("Database system identifier:")[2].split()[0]

    def _call(self, program: str, *words: str) -> int:
        """Run one of the programs on the data; what it says, and what a server says that it starts, is in the log."""
        reached = os.geteuid() != 0 or open_to_all(self.folder)
        place = self.data if reached and PLAIN.fullmatch(str(self.data)) else HERE
        with self.log.open("ab") as out:
            return run_as_server([programs() / program, "-D", place, *words], self.data, out.fileno())

    def _run(self, program: str, *words: str) -> None:
        if self._call(program, *words) != 0:
            raise PostgresFailed(f"{program} failed: {self._last_words()} (see {self.log})")

    def _last_words(self) -> str:
        """Of the log: the last error, or the last line."""
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return next((it for it in reversed(lines) if re.search("FATAL|PANIC|error:", it)), (lines or [""])[-1])


def _major_version() -> str:
    shown = subprocess.check_output([programs() / "postgres", "--version"], text=True)
    return shown.split()[-1].partition(".")[0]


def _name(uid: int) -> str | None:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None
