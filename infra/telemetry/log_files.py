"""Log files that their owner alone reads, rotated by size."""

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from threading import Lock

LOG_FILE = "COUNTERFOIL_LOG_FILE"
"""In the environment of a part: the file that its standard error goes to, if it is to see to its length."""

LARGEST = 10 * 1024 * 1024
KEPT = 4
"""Earlier files beside the one that is written: `write-api.log.1` is the last of them."""

STDERR = 2


def open_log(file: Path) -> int:
    """A file descriptor to append with. File and folder are readable by their owner alone, also old ones."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.parent.chmod(0o700)
    return _opened(file)


def cut(file: Path, largest: int = LARGEST) -> None:
    """Keep a log short that another program holds open for appending; what it writes meanwhile may be lost."""
    if file.exists() and file.stat().st_size >= largest:
        _shift(file)
        os.close(_opened(_earlier(file, 1)))
        shutil.copyfile(file, _earlier(file, 1))
        os.truncate(file, 0)


class LogFile:
    """Standard error as a stream that begins a new file when the present one is long enough.

    Whatever else is written to standard error (by libraries in C, by the interpreter when it ends) goes to the same
    file.
    """

    def __init__(self, file: Path, largest: int = LARGEST) -> None:
        self.file = file
        self.largest = largest
        self._lock = Lock()

    def write(self, text: str) -> int:
        with self._lock, suppress(OSError):  # a full disk is no reason to say nothing any more
            if os.fstat(STDERR).st_size >= self.largest:
                self._begin_anew()
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()

    def _begin_anew(self) -> None:
        _shift(self.file)
        self.file.rename(_earlier(self.file, 1))
        new = _opened(self.file)
        os.dup2(new, STDERR)
        os.close(new)


def stderr() -> LogFile | None:
    """Our standard error as such a stream, if that is what it is."""
    name = os.environ.get(LOG_FILE)
    if name is None:
        return None
    try:
        ours = os.path.samestat(os.stat(name), os.fstat(STDERR))
    except OSError:
        return None
    return LogFile(Path(name)) if ours else None


def _opened(file: Path) -> int:
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.fchmod(opened, 0o600)
    return opened


def _shift(file: Path) -> None:
    """Make room for `.1`; the oldest is gone."""
    for number in range(KEPT - 1, 0, -1):
        if (earlier := _earlier(file, number)).exists():
            earlier.rename(_earlier(file, number + 1))


def _earlier(file: Path, number: int) -> Path:
    return file.with_name(f"{file.name}.{number}")
