"""Where fetched programs are kept: a folder each, whole or not there at all."""

import fcntl
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class UnsafeArchive(Exception):
    """An archive holds a file that would lie outside of the folder that it is unpacked into."""


def installed(cache: Path, name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` of the cache, made by `make` if it is not there; of two who want it, one waits."""
    folder = cache / name
    with alone(cache / f"{name}.lock"):
        if not folder.exists():
            begun = cache / f"{name}.begun"
            shutil.rmtree(begun, ignore_errors=True)
            begun.mkdir()
            make(begun)
            _let_all_read(begun)
            begun.rename(folder)
    return folder


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold a lock on this file, which lives no longer than we do."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def unpack(archive: Path, folder: Path) -> None:
    """The plain files of a tar archive, inside the folder. Raises UnsafeArchive.

    The library's own filter for that came with Python 3.11.4, and Debian 12 has 3.11.2.
    """
    inside = folder.resolve()
    with tarfile.open(archive) as tar:
        for member in filter(tarfile.TarInfo.isreg, tar):
            target = (inside / member.name).resolve()
            if not target.is_relative_to(inside):
                raise UnsafeArchive(f"{archive.name} holds {member.name}, which would lie outside {folder}.")
            file = tar.extractfile(member)
            assert file is not None
            target.parent.mkdir(parents=True, exist_ok=True)
            with file, target.open("wb") as out:
                shutil.copyfileobj(file, out)


def _let_all_read(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
