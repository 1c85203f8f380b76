"""Run every test on all cores, then hold the coverage against its bounds.

Tests that kill, stall and race real servers share their machine with whatever else runs on it. One that failed is run
once more, alone; it is named either way, and failing alone fails the run. One that outlived its time limit has taken
its worker with it, and was run again by the worker that followed.
"""

import os
import subprocess
import sys
from collections.abc import Sequence

DEADLINE = 31 * 60
BOUNDS = (("*", 80), ("domain/*", 95), ("process_managers/*", 95))
PACKAGES = (
    "domain",
    "commands",
    "process_managers",
    "projections",
    "write_api",
    "read_api",
    "infra",
    "published",
    "http_edge",
    "web",
)
PYTEST = (sys.executable, "-m", "pytest")
QUICK = "--quick"
NEEDS_SERVERS = {"infra"}
"""Packages whose tests are about servers; of the other packages `--quick` leaves out single tests."""
EXAMPLES = "10"
SOME_FAILED, NONE_LEFT = 1, 5


def main(words: Sequence[str]) -> int:
    """Words that are given go to pytest; a run of some tests only has no bounds to keep, and no deadline (seconds)."""
    if QUICK in words:
        return quick([word for word in words if word != QUICK])
    if words:
        return subprocess.run([*PYTEST, "-n", "2", "--dist", "loadfile", *words], check=False).returncode
    try:
        return everything()
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"The tests did not end within {DEADLINE // 60} minutes.\n")
        return 1


def quick(words: Sequence[str]) -> int:
    """The tests that need no server, with few examples of each law: they answer within a minute."""
    folders = [f"tests/{package}" for package in (*PACKAGES, "guards") if package not in NEEDS_SERVERS]
    plugin = ("-p", "tests.support.fixtures.quick")
    environment = {**os.environ, "COUNTERFOIL_EXAMPLES": EXAMPLES}
    parallel = [*PYTEST, "-n", "2", "--dist", "loadfile", *plugin, *words, *folders]
    return subprocess.run(parallel, env=environment, check=False).returncode


def everything() -> int:
    cover = [f"--cov={package}" for package in PACKAGES]
    parallel = [*PYTEST, "-n", "2", "--dist", "loadfile", *cover, "--cov-report="]
    code = subprocess.run(parallel, check=False, timeout=DEADLINE).returncode
    if code == SOME_FAILED:
        return once_more()
    return code or int(sum(not covered(include, bound) for include, bound in BOUNDS) > 0)


def once_more() -> int:
    """What failed, alone. Coverage is not judged: a lost worker has taken its own with it."""
    sys.stdout.write("Once more, alone, what failed:\n")
    sys.stdout.flush()
    again = [*PYTEST, "-v", "--last-failed", "--last-failed-no-failures", "none"]
    code = subprocess.run(again, check=False, timeout=DEADLINE).returncode
    return 0 if code == NONE_LEFT else code


def covered(include: str, bound: int) -> bool:
    """Whether so many percent of the lines that match were run."""
    report = [sys.executable, "-m", "coverage", "report", "--include", include, "--fail-under", str(bound)]
    shown = subprocess.run([*report, "--format=total"], capture_output=True, text=True, check=False)
    sys.stdout.write(f"coverage of {include}: {shown.stdout.strip()} % (at least {bound} %)\n")
    return shown.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
