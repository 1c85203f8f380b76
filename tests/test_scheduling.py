"""A run of tests ends, whatever its workers do."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONFTEST = "from tests.conftest import pytest_xdist_make_scheduler as pytest_xdist_make_scheduler\n"
FINE = "def test_fine(): pass\n"
DIES_ONCE = """
import os, pathlib
def test_dies_once():
    mark = pathlib.Path(__file__).with_suffix(".died")
    if not mark.exists():
        mark.touch()
        os._exit(1)
"""


def test_what_a_dead_worker_left_is_run_by_the_others(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "conftest.py").write_text(CONFTEST)
    for number in range(12):
        (tmp_path / f"test_{number:02}.py").write_text(DIES_ONCE if number == 7 else FINE)
    words = ["-q", "-n", "2", "--dist", "loadfile", "--rootdir", str(tmp_path), str(tmp_path)]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *words], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert "1 failed, 12 passed" in run.stdout, run.stdout + run.stderr
