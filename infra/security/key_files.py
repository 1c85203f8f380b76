"""Keys in files of their own: written once, read by their owner only, and overwritten when they are destroyed."""

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

PART, DOOMED = ".part", ".doomed"


class KeyFolderUnusable(ValueError):
    """The folder of the keys cannot be read or written."""


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """A folder of keys, each in a file that is called by its id."""

    folder: Path

    def write(self, key_id: UUID, content: bytes) -> None:
        """Store a new key; it is on the disk, whole, when this returns. Raises KeyFolderUnusable."""
        begun = self.folder / f"{key_id}{PART}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            begun.rename(self.folder / str(key_id))
            _sync(self.folder)
        except OSError as error:
            raise KeyFolderUnusable(f"{self.folder} cannot be used: {error.strerror}.") from error

    def read(self, key_id: UUID) -> bytes | None:
        """A key as it was stored; None if there is none. Raises KeyFolderUnusable."""
        try:
            return (self.folder / str(key_id)).read_bytes()
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ESTALE):  # ESTALE: removed on another machine, on NFS
                return None
            raise KeyFolderUnusable(f"{self.folder} cannot be used: {error.strerror}.") from error

    def destroy(self, key_id: UUID) -> None:
        """Overwrite a key and remove its file, if there is one. Raises KeyFolderUnusable."""
        try:
            for name in (str(key_id), f"{key_id}{PART}"):
                destroy(self.folder / name)
        except OSError as error:
            raise KeyFolderUnusable(f"{self.folder} cannot be used: {error.strerror}.") from error


def destroy(file: Path) -> None:
    """Overwrite a file in place, wait until that is on the disk, and remove it. Raises OSError.

    It loses its name first, so that half a key is never read as one; broken off, the same call does the rest.
    """
    doomed = _doomed(file)
    if file.exists():
        file.rename(doomed)
        _sync(file.parent)
    if doomed.exists():
        with doomed.open("r+b") as out:
            out.write(bytes(os.fstat(out.fileno()).st_size))
            out.flush()
            os.fsync(out.fileno())
        doomed.unlink()
        _sync(file.parent)


def is_destroyed(file: Path) -> bool:
    return not (file.exists() or _doomed(file).exists())


def _doomed(file: Path) -> Path:
    return file.with_name(f"{file.name}{DOOMED}")


def _sync(folder: Path) -> None:
    """A name in a folder is durable when the folder is synchronised."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
