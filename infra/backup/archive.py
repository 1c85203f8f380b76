"""A backup as a file: a zip of JSON lines with a manifest that says how much of what it holds, and with which hashes.

The manifest is written last and the file gets its name when it is complete, so a backup that was cut off is none.
"""

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import msgspec

from domain.shared.recorded import Position

FORMAT = 1
MANIFEST = "manifest.json"
FAST = 1
CHUNK = 1 << 20
DAMAGED = (BadZipFile, EOFError, KeyError, OSError, RuntimeError, ValueError, zlib.error)
"""What a zip says whose bytes are not what was written; of a changed flag, that it cannot be unpacked."""


class NoBackup(Exception):
    """The file is not a backup, or not a whole one, or not what was written."""


class InTheWay(Exception):
    """There is something where the backup should go."""


class Member(msgspec.Struct, frozen=True):
    """A file in the backup: its hash (SHA-256, in hexadecimal) and how many lines it has."""

    sha256: str
    lines: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds. `head` is the position of the last event in it; `gapless`: every position up to there."""

    format: int = FORMAT
    counterfoil: str = version("counterfoil")
    taken_at: datetime
    head: Position
    events: int
    gapless: bool = False
    members: dict[str, Member]


class Lines:
    """Writes lines, and remembers what they come to."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._hash = sha256()
        self._count = 0

    def write(self, line: bytes) -> None:
        """A line without its end."""
        ended = line + b"\n"
        self._out.write(ended)
        self._hash.update(ended)
        self._count += 1

    @property
    def told(self) -> Member:
        return Member(self._hash.hexdigest(), self._count)


class Writer:
    """Writes the members of a backup, one after the other."""

    def __init__(self, file: ZipFile) -> None:
        self._file = file
        self.members = dict[str, Member]()

    @contextmanager
    def member(self, name: str) -> Iterator[Lines]:
        with self._file.open(name, "w", force_zip64=True) as out:
            lines = Lines(out)
            yield lines
        self.members[name] = lines.told

    def finish(self, manifest: Manifest) -> None:
        self._file.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """A new backup, for its owner's eyes only. Raises InTheWay."""
    begun = path.with_name(f"{path.name}.part")
    if path.exists():
        raise InTheWay(f"{path} is there already. Choose another name.")
    begun.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=FAST) as file:
                yield Writer(file)
            out.flush()
            os.fsync(out.fileno())
        begun.rename(path)
    finally:
        begun.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that has been opened; only `verify` proves that it is what was written."""

    file: ZipFile
    manifest: Manifest

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a member, or none if there is no such member."""
        if name in self.manifest.members:
            with self.file.open(name) as member:
                for line in member:
                    yield line[:-1]

    def verify(self) -> None:
        """Read everything and compare its hashes. Raises NoBackup."""
        try:
            for name, told in self.manifest.members.items():
                found, lines = sha256(), 0
                with self.file.open(name) as member:
                    while chunk := member.read(CHUNK):
                        found.update(chunk)
                        lines += chunk.count(b"\n")
                if (found.hexdigest(), lines) != (told.sha256, told.lines):
                    raise NoBackup(f"The backup is damaged: {name} is not what was written. Take another one.")
        except DAMAGED as error:
            raise NoBackup(f"The backup is damaged: {error}. Take another one.") from error


@contextmanager
def reading(path: Path) -> Iterator[Backup]:
    """A backup. Raises NoBackup."""
    try:
        file = ZipFile(path)
    except FileNotFoundError:
        raise NoBackup(f"There is no {path}.") from None
    except DAMAGED as error:
        raise NoBackup(f"{path} is no backup, or was cut off: {error}") from None
    with file:
        try:
            manifest = msgspec.json.decode(file.read(MANIFEST), type=Manifest)
        except (*DAMAGED, msgspec.MsgspecError) as error:
            raise NoBackup(f"{path} is no backup of a shop: its {MANIFEST} cannot be read ({error}).") from None
        if manifest.format != FORMAT:
            raise NoBackup(f"{path} is of format {manifest.format}; this version reads {FORMAT}.")
        yield Backup(file, manifest)
