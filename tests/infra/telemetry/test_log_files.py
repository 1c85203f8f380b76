"""Logs are for their owner's eyes, and do not fill the disk."""

import asyncio
import os
import re
import stat
import sys
from pathlib import Path

import pytest

from infra.bootstrap.supervisor import Part
from infra.telemetry import log_files
from infra.telemetry.log_files import KEPT, cut, open_log

TALKATIVE = """
import logging, os, sys
import structlog
from infra.telemetry import log_files
from infra.telemetry.logging import set_up_logging
from infra.settings import Settings
log_files.LogFile.__init__.__defaults__ = (4_000,)
set_up_logging(Settings(log_format="json"))
for number in range(200):
    structlog.get_logger().info(f"ours #{number}#")
    logging.getLogger("library").warning(f"a library's #{number}#")
    os.write(2, b"the interpreter's #%d#\\n" % number)
print("ready", flush=True)
raise SystemExit("the end")
"""


async def run(part: Part) -> None:
    await part.start()
    assert await part.watch() == "exit code 1"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_what_a_part_says_is_kept_in_files_of_a_length_and_only_the_last_of_them(tmp_path: Path) -> None:
    part = Part("talkative", [sys.executable, "-c", TALKATIVE], dict(os.environ), tmp_path / "logs" / "talkative.log")
    await asyncio.wait_for(run(part), 60)
    logs = [part.log, *(part.log.with_name(f"talkative.log.{number}") for number in range(1, KEPT + 1))]
    assert sorted(part.log.parent.iterdir()) == sorted(logs)
    assert {mode(log) for log in logs} == {0o600}
    assert mode(part.log.parent) == 0o700
    assert max(log.stat().st_size for log in logs) < 4_500
    assert part.last_words() == "the end"
    said = "".join(log.read_text() for log in reversed(logs))
    for whose in ("ours", "a library's", "the interpreter's"):
        numbers = [int(number) for number in re.findall(f"{whose} #([0-9]+)#", said)]
        assert (whose, numbers) == (whose, list(range(numbers[0], 200)))
        assert len(numbers) > 20


def test_logs_of_earlier_versions_are_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir(mode=0o755)
    (folder / "part.log").write_text("before\n")
    (folder / "part.log").chmod(0o644)
    with os.fdopen(open_log(folder / "part.log"), "ab") as log:
        log.write(b"after\n")
    assert (mode(folder), mode(folder / "part.log")) == (0o700, 0o600)
    assert (folder / "part.log").read_text() == "before\nafter\n"


def test_the_log_of_another_program_is_cut_while_it_writes(tmp_path: Path) -> None:
    log = tmp_path / "postgresql.log"
    with log.open("ab", buffering=0) as server:
        for round_ in range(KEPT + 2):
            cut(log, largest=100)
            server.write(b"%d" % round_ * 100)
    assert log.read_text() == f"{KEPT + 1}" * 100
    earlier = [log.with_name(f"postgresql.log.{number}") for number in range(1, KEPT + 1)]
    assert [one.read_text()[0] for one in earlier] == ["4", "3", "2", "1"]
    assert sorted(tmp_path.iterdir()) == sorted([log, *earlier])
    assert {mode(one) for one in earlier} == {0o600}
    cut(tmp_path / "missing.log")


def test_a_stderr_that_is_no_log_file_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert log_files.stderr() is None
    monkeypatch.setenv(log_files.LOG_FILE, str(tmp_path / "of another process.log"))
    assert log_files.stderr() is None
