"""What is said again and again is written now and then."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.telemetry.log_rate import MOST_KINDS, LineRate

LINES = 500
PROGRAM = f"""
import asyncio, logging
import structlog
from infra.telemetry.logging import set_up_logging
from infra.settings import Settings
set_up_logging(Settings(log_format="json"))
log = structlog.get_logger()
def fail(word):
    raise ValueError(word)
for number in range({LINES}):
    try:
        fail(f"odd id {{number}}")
    except ValueError as error:
        log.error("query failed", path=[f"alias{{number}}"], exc_info=error)
    logging.getLogger("asyncio").error("Task exception was never retrieved: %s", number)
    log.info("order taken", number=number)
log.error("query failed", path=["another"])
log.warning("something else")
"""


def test_lines_of_one_kind_are_written_at_a_bounded_rate_and_all_others_as_before() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert 50 <= done.stderr.count("odd id") <= 60
    assert 50 <= done.stderr.count("never retrieved") <= 60
    assert done.stderr.count("order taken") == LINES
    assert (done.stderr.count("another"), done.stderr.count("something else")) == (1, 1)
    assert len(done.stderr) < 100_000


def test_a_line_tells_how_many_like_it_were_left_out() -> None:
    now = 0.0
    rate = LineRate(at_once=2, every=10.0, clock=lambda: now)
    assert [rate.left_out_before("a") for _ in range(5)] == [0, 0, None, None, None]
    assert rate.left_out_before("b") == 0
    now = 9.9
    assert rate.left_out_before("a") is None
    now = 10.0
    assert [rate.left_out_before("a") for _ in range(2)] == [4, None]


@pytest.mark.parametrize("number", [1, MOST_KINDS * 3])
def test_kinds_are_forgotten_before_they_are_too_many(number: int) -> None:
    rate = LineRate(clock=lambda: 0.0)
    for kind in range(number):
        rate.left_out_before(kind)
    assert len(rate._kinds) == min(number, MOST_KINDS)


def test_threads_that_log_at_once_keep_within_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.telemetry.log_rate.MOST_KINDS", 2)
    rate = LineRate(clock=lambda: 0.0)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(rate.left_out_before, [n % 5 for n in range(20_000)]))
    finally:
        sys.setswitchinterval(before)
    assert len(rate._kinds) == len(list(rate._kinds)) == 2
