"""Keys in files: whole or not there, their owner's alone, and overwritten before they go."""

import stat
from pathlib import Path
from uuid import UUID

import pytest

from infra.security.key_files import KeyFiles, KeyFolderUnusable, destroy, is_destroyed
from tests.support.harness.vaults import names

ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture
def files(tmp_path: Path) -> KeyFiles:
    return KeyFiles(tmp_path / "deep" / "keys")


def test_a_key_is_read_as_it_was_written_and_by_its_owner_only(files: KeyFiles) -> None:
    assert files.read(ONE) is None
    files.write(ONE, b"key")
    assert (files.read(ONE), files.read(OTHER)) == (b"key", None)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (files.folder, files.folder / str(ONE))]
    assert modes == [0o700, 0o600]


def test_a_destroyed_key_is_overwritten_and_no_other(files: KeyFiles) -> None:
    files.write(ONE, b"key")
    files.write(OTHER, b"other")
    with (files.folder / str(ONE)).open("rb") as kept_open:
        for _ in range(2):
            files.destroy(ONE)
        assert kept_open.read() == bytes(3)
    assert (names(files.folder), files.read(OTHER)) == ([str(OTHER)], b"other")


def test_what_a_crash_left_of_a_key_is_destroyed_with_it(files: KeyFiles) -> None:
    files.write(OTHER, b"other")
    for left in (f"{ONE}.part", f"{ONE}.doomed"):
        (files.folder / left).write_bytes(b"key")
        assert files.read(ONE) is None
        assert is_destroyed(files.folder / str(ONE)) == left.endswith(".part")
        files.destroy(ONE)
        assert names(files.folder) == [str(OTHER)]


def test_a_key_that_is_not_there_cannot_be_destroyed_wrongly(tmp_path: Path) -> None:
    destroy(tmp_path / "nothing")
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    files = KeyFiles(tmp_path / "file")
    with pytest.raises(KeyFolderUnusable, match=f"{tmp_path / 'file'} cannot be used: "):
        files.write(ONE, b"key")
    with pytest.raises(KeyFolderUnusable, match="Not a directory"):
        files.read(ONE)
