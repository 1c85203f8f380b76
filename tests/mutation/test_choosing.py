"""Which files get bugs, and which tests judge them."""

import subprocess
from pathlib import Path

import pytest

from tests.mutation.choosing import UnknownPlace, below, by_tests, changed

GIT = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with code at every place, all of it committed."""
    for name in ("domain/stock/state", "domain/shared/money", "projections/orders", "infra/backup/log", "infra/cli/up"):
        put(tmp_path, f"{name}.py")
    for folder in ("domain/stock", "projections", "infra/backup"):
        put(tmp_path, f"tests/{folder}/test_it.py")
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    return tmp_path


def put(root: Path, name: str, text: str = "") -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def git(root: Path, *words: str) -> None:
    subprocess.run([*GIT, "-C", str(root), *words], check=True)


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "-q", "-m", "Something")


def paths(*names: str) -> list[Path]:
    return list(map(Path, names))


def test_a_path_stands_for_all_that_is_below_it(tree: Path) -> None:
    assert below(tree, ["domain"]) == paths("domain/shared/money.py", "domain/stock/state.py")
    twice = ["projections/orders.py", "projections", "infra/backup"]
    assert below(tree, twice) == paths("infra/backup/log.py", "projections/orders.py")


@pytest.mark.parametrize("path", ["infra/cli", "infra", "domain/none", "..", "tests"])
def test_bugs_are_planted_at_known_places_only(tree: Path, path: str) -> None:
    with pytest.raises(UnknownPlace, match="is no file or folder of domain"):
        below(tree, [path])


def test_what_differs_from_a_commit_is_committed_edited_or_new(tree: Path) -> None:
    put(tree, "domain/stock/state.py", "committed = 1")
    commit(tree)
    put(tree, "projections/orders.py", "edited = 1")
    put(tree, "infra/backup/taking.py", "new = 1")
    put(tree, "infra/cli/up.py", "elsewhere = 1")
    (tree / "infra/backup/log.py").unlink()
    assert changed(tree, "HEAD~1") == paths("domain/stock/state.py", "infra/backup/taking.py", "projections/orders.py")
    assert changed(tree, "HEAD") == paths("infra/backup/taking.py", "projections/orders.py")
    with pytest.raises(UnknownPlace, match="git knows no commit nowhere"):
        changed(tree, "nowhere")


def test_files_are_judged_by_the_nearest_tests(tree: Path) -> None:
    assert by_tests(tree, below(tree, ["domain", "projections", "infra/backup"])) == {
        ("tests/domain",): paths("domain/shared/money.py"),
        ("tests/domain/stock",): paths("domain/stock/state.py"),
        ("tests/infra/backup",): paths("infra/backup/log.py"),
        ("tests/projections",): paths("projections/orders.py"),
    }
