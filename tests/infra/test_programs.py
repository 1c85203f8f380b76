"""What is fetched is unpacked whole, and never beside its folder."""

import io
import tarfile
from pathlib import Path

import pytest

from infra.programs import UnsafeArchive, unpack


def packed(file: Path, names: list[str], *, link: str | None = None) -> Path:
    with tarfile.open(file, "w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(name)
            tar.addfile(member, io.BytesIO(name.encode()))
        if link is not None:
            member = tarfile.TarInfo("link")
            member.type, member.linkname = tarfile.SYMTYPE, link
            tar.addfile(member)
    return file


def test_files_are_unpacked_with_their_folders(tmp_path: Path) -> None:
    folder = tmp_path / "program"
    folder.mkdir()
    unpack(packed(tmp_path / "archive", ["one.jar", "lib/deep/two.jar"]), folder)
    found = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert found == {name: name for name in ("one.jar", "lib/deep/two.jar")}


@pytest.mark.parametrize("name", ["../outside", "/outside", "lib/../../outside"])
def test_a_file_that_would_lie_outside_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "program"
    folder.mkdir()
    with pytest.raises(UnsafeArchive, match="which would lie outside"):
        unpack(packed(tmp_path / "archive", [name]), folder)
    assert not (tmp_path / "outside").exists()


def test_links_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "program"
    folder.mkdir()
    unpack(packed(tmp_path / "archive", ["one.jar"], link="/etc/passwd"), folder)
    assert [path.name for path in folder.iterdir()] == ["one.jar"]
