"""Runs mutmut on copies of the code, in a folder of their own."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

TO_STOP = 30.0
"""Seconds in which mutmut has to end when its time is over."""

LEFT_OUT = "--ignore-glob=*_laws.py"
"""Laws look for a counterexample: for each bug they take seconds, and whether they find it is chance."""


class PlantingFailed(Exception):
    """The tests fail without any bug, or mutmut did."""


def plant(root: Path, files: Sequence[Path], tests: Sequence[str], folder: Path, seconds: float) -> None:
    """Try every bug in the files against the tests, for so long at most; the results stay in the folder.

    Raises PlantingFailed.
    """
    prepare(root, files, tests, folder)
    log = folder / "log"
    with log.open("w") as out:
        mutmut = subprocess.Popen(
            ["nice", sys.executable, "-m", "mutmut", "run", "--max-children", str(os.cpu_count() or 1)],
            cwd=folder,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = mutmut.wait(seconds)
        except subprocess.TimeoutExpired:
            code = 0
        finally:
            _end(mutmut)
    if code:
        raise PlantingFailed(f"mutmut ended with {code}:\n{log.read_text()[-2000:]}")


def prepare(root: Path, files: Sequence[Path], tests: Sequence[str], folder: Path) -> None:
    """A folder with links to the packages, and the settings of mutmut."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    packages = sorted(path.parent.name for path in root.glob("*/__init__.py"))
    for package in packages:
        (folder / package).symlink_to((root / package).resolve())
    settings = {
        "source_paths": [package for package in packages if package != "tests"],
        "only_mutate": list(map(str, files)),
        "pytest_add_cli_args_test_selection": list(tests),
        "pytest_add_cli_args": ["-p", "no:cacheprovider", LEFT_OUT],
        "do_not_mutate_patterns": [r"assert_never\("],
        "timeout_constant": 5.0,
        "process_isolation": "forkserver",
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    project = (root / "pyproject.toml").read_text()
    (folder / "pyproject.toml").write_text("\n".join([project, "[tool.mutmut]", *lines, ""]))


def _end(mutmut: subprocess.Popen[bytes]) -> None:
    """Ask it to end, then end it with all that it has started."""
    if mutmut.poll() is None:
        os.killpg(mutmut.pid, signal.SIGINT)
        try:
            mutmut.wait(TO_STOP)
        except subprocess.TimeoutExpired:
            os.killpg(mutmut.pid, signal.SIGKILL)
            mutmut.wait()
