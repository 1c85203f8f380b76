"""`make mutate` on a tree of its own: what gets away is listed until it is caught or reviewed."""

from pathlib import Path

import pytest

from tests.mutation.__main__ import main

CODE = '''"""Shelves."""

HEIGHT = 3


class Shelf:
    """Units in rows."""

    def fits(self, units: int) -> bool:
        """Whether there is room for so many."""
        return units < 10


def label(units: int) -> str:
    """What stands on a shelf."""
    match units:
        case 0:
            return "empty"
        case _:
            return "some"
'''
TESTS = '''"""Shelves."""

from domain.shelf.shelf import Shelf, label


def test_some_fit() -> None:
    assert Shelf().fits(9)
    assert not Shelf().fits(11)


def test_labels() -> None:
    assert [label(0), label(1)] == ["empty", "some"]
'''
FOUND = """domain/shelf/shelf.py:11 Shelf.fits
    - return units < 10
    + return units <= 10
"""
REVIEWED = """
[[bug]]
file = "domain/shelf/shelf.py"
function = "Shelf.fits"
before = "return units < 10"
after = "return units {bug}"
reason = "Shelves are long."
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for package in ("domain", "domain/shelf", "tests", "tests/domain", "tests/domain/shelf", "tests/mutation"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shelves"\n')
    (tmp_path / "domain/shelf/shelf.py").write_text(CODE)
    (tmp_path / "tests/domain/shelf/test_shelf.py").write_text(TESTS)
    return tmp_path


def test_bugs_that_get_away_are_listed_until_they_are_reviewed(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = [REVIEWED.format(bug=bug) for bug in ("< 11", "> 10")]
    (tree / "tests/mutation/reviewed.toml").write_text("".join(entries))
    assert main(["domain/shelf"], tree) == 1
    _, *told, gone, summary = capsys.readouterr().out.splitlines()
    assert told == FOUND.splitlines()
    assert gone == "Reviewed, but not there any more: domain/shelf/shelf.py Shelf.fits: 'return units < 10'"
    assert summary == "9 bugs in 2 files: 7 caught, 1 survived, 1 reviewed, 0 not tried."


def test_tests_that_fail_without_a_bug_are_told(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "tests/domain/shelf/test_shelf.py").write_text(TESTS.replace("fits(9)", "fits(12)"))
    assert main(["domain/shelf"], tree) == 2
    assert capsys.readouterr().err.startswith("mutate: mutmut ended with 1:\n")


def test_time_that_is_over_is_told(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["domain/shelf", "--minutes", "0"], tree) == 1
    assert (
        capsys.readouterr().out.splitlines()[-1]
        == "Time was over before domain/shelf/__init__.py domain/shelf/shelf.py."
    )


def test_a_wrong_path_is_a_wrong_call(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["infra/cli"], tree) == 2
    assert capsys.readouterr().err.startswith("mutate: infra/cli is no file or folder of domain, ")
