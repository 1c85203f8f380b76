"""Which files get bugs, and which tests have to catch them."""

import subprocess
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

PLACES = ("domain", "process_managers", "projections", "infra/backup", "infra/audit")
"""Where bugs are planted: what decides, what reacts, what is shown, and what proves that nothing is lost."""

SHARED, ITS_USERS = Path("domain/shared"), ("tests/domain",)
"""What all aggregates share is tested by all of them."""

Work = Mapping[tuple[str, ...], Sequence[Path]]
"""Files by the tests that have to catch bugs in them."""


class UnknownPlace(Exception):
    """The path is not among the places where bugs are planted."""


def below(root: Path, paths: Iterable[str]) -> list[Path]:
    """All files in and below the paths, relative to the root. Raises UnknownPlace."""
    found = set[Path]()
    for path in paths:
        place = (root / path).resolve()
        files = [place] if place.is_file() else [*place.rglob("*.py")]
        inside = {file.relative_to(root.resolve()) for file in files if file.is_relative_to(root.resolve())}
        if not inside or not all(map(_is_planted, inside)):
            raise UnknownPlace(f"{path} is no file or folder of {', '.join(PLACES)}.")
        found |= inside
    return sorted(found)


def changed(root: Path, base: str) -> list[Path]:
    """The files that are not as they are in the commit `base`, or are not in it. Raises UnknownPlace."""
    git = ["git", "-C", str(root)]
    against = [*git, "diff", "--relative", "--name-only", "--diff-filter=d", base, "--"]
    told = subprocess.run(against, capture_output=True, text=True, check=False)
    if told.returncode:
        raise UnknownPlace(f"git knows no commit {base}.")
    new = subprocess.run(
        [*git, "ls-files", "--others", "--exclude-standard"], capture_output=True, text=True, check=True
    )
    files = map(Path, (told.stdout + new.stdout).splitlines())
    return sorted(file for file in files if file.suffix == ".py" and _is_planted(file))


def by_tests(root: Path, files: Iterable[Path]) -> Work:
    """The folder of tests that mirrors the folder of a file, or the nearest above it that there is."""
    work = defaultdict[tuple[str, ...], list[Path]](list)
    for file in files:
        work[ITS_USERS if file.is_relative_to(SHARED) else (_mirror(root, file.parent),)].append(file)
    return work


def _mirror(root: Path, folder: Path) -> str:
    while not (root / "tests" / folder).is_dir():
        folder = folder.parent
    return str(Path("tests") / folder)


def _is_planted(file: Path) -> bool:
    return any(file.is_relative_to(place) for place in PLACES)
