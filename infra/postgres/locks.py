"""Lock files of PostgreSQL, and which process works in which folder.

A lock file names the process that made it. PostgreSQL takes it for valid as long as any process of its user has that
number: in a copied folder that is the original's server, and after a restart of the machine it may be another one.
"""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Lock:
    """What a lock file says: the process, the folder it was started with, and when."""

    pid: int
    folder: Path
    started: str

    @classmethod
    def of(cls, file: Path) -> "Lock | None":
        """None where there is no such file, or none that says it."""
        try:
            pid, folder, started, *_ = file.read_text().splitlines()
            return cls(int(pid), Path(folder), started.strip())
        except (OSError, ValueError):
            return None


def works_in(pid: int, folder: Path) -> bool:
    """Whether the process lives and has `folder` as its working directory, as all processes of a server have."""
    try:
        return os.path.samefile(f"/proc/{pid}/cwd", folder)
    except OSError:
        return False


def working_folder(pid: int) -> Path | None:
    """Where a process works; None for one that is not there, or not ours to look at."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return None


def anything_works_in(folder: Path) -> bool:
    """Whether any process works there, such as one that a killed server has left."""
    return any(works_in(int(entry.name), folder) for entry in Path("/proc").iterdir() if entry.name.isdecimal())
