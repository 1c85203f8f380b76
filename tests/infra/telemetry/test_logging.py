"""What a log may not hold."""

import subprocess
import sys

import pytest

SECRET = "Bergstrasse 1"
PROGRAM = f"""
import structlog
from infra.telemetry.logging import set_up_logging
from infra.settings import Settings
set_up_logging(Settings(log_format={{0!r}}))
def seal(address):
    raise ValueError("it did not work")
try:
    seal("{SECRET}".upper().title())
except ValueError as error:
    structlog.get_logger().error("request failed", exc_info=error)
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_shows_where_but_not_with_what(form: str) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM.format(form)], capture_output=True, text=True, check=True)
    assert "it did not work" in done.stderr
    assert "in seal" in done.stderr
    assert SECRET not in done.stderr
