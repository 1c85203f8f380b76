"""`make mutate`: plant bugs, one after the other, and list those that no test catches.

Without paths: in the files that differ from `--base`. The exit code is 1 when a bug got away that is not on the list
of reviewed ones, or when time was over before all were tried.
"""

import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from tests.mutation.choosing import PLACES, UnknownPlace, below, by_tests, changed
from tests.mutation.planting import PlantingFailed, plant
from tests.mutation.survivors import Outcome, needless, outcome_of, reviewed

ROOT = Path(__file__).parents[2]
REVIEWED = Path("tests/mutation/reviewed.toml")
FOLDER = Path("build/mutation")


def main(words: Sequence[str], root: Path = ROOT) -> int:
    asked = _parser().parse_args(words)
    try:
        files = below(root, asked.paths) if asked.paths else changed(root, asked.base)
        if not files:
            tell(f"Nothing of {', '.join(PLACES)} differs from {asked.base}.")
            return 0
        return judged(root, files, asked.minutes * 60)
    except (UnknownPlace, PlantingFailed) as wrong:
        sys.stderr.write(f"mutate: {wrong}\n")
        return 2


def judged(root: Path, files: Sequence[Path], seconds: float) -> int:
    """Plant, tell, and answer the exit code."""
    end, outcome, untouched = time.monotonic() + seconds, Outcome(), list[Path]()
    for tests, theirs in by_tests(root, files).items():
        if (left := end - time.monotonic()) <= 0:
            untouched += theirs
            continue
        tell(f"{len(theirs)} files against {' '.join(tests)} ...")
        folder = root / FOLDER / tests[0].replace("/", "-")
        plant(root, theirs, tests, folder, left)
        outcome.add(outcome_of(folder, theirs))
    known = reviewed(root / REVIEWED)
    new = [survivor for survivor in outcome.survivors if survivor.change not in known]
    for survivor in sorted(new, key=lambda it: (it.change.file, it.line)):
        tell(survivor)
    if not (unfinished := bool(untouched or outcome.counts["untried"])):
        for change in needless(known, outcome.survivors, files):
            tell(f"Reviewed, but not there any more: {change.file} {change.function}: {change.before!r}")
    counts = outcome.counts
    tell(
        f"{counts.total()} bugs in {len(files)} files: {counts['caught']} caught, {len(new)} survived, "
        f"{len(outcome.survivors) - len(new)} reviewed, {counts['untried']} not tried."
    )
    if untouched:
        tell(f"Time was over before {' '.join(map(str, untouched))}.")
    return int(unfinished or bool(new))


def tell(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="make mutate", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("paths", nargs="*", help=f"files or folders of {', '.join(PLACES)}")
    parser.add_argument("--base", default="main", help="the commit to compare with when no path is given (main)")
    parser.add_argument("--minutes", type=float, default=30, help="the longest that it may take (30)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
