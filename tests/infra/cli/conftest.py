"""The command line as a person uses it: a program, its words, its two outputs and its exit code."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Counterfoil = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def counterfoil(tmp_path: Path) -> Counterfoil:
    """Runs `counterfoil <words>` on a data folder of its own; `database` names a database that is there already.

    Further settings are for its environment.
    """

    def run(*words: str, database: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERFOIL_")}
        environment = {**clean, "COUNTERFOIL_DATA": str(tmp_path / "data"), "COLUMNS": "200", **settings}
        if database is not None:
            environment["COUNTERFOIL_DATABASE"] = database
        return subprocess.run(
            [sys.executable, "-m", "infra.cli.main", *words],
            env=environment,
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
