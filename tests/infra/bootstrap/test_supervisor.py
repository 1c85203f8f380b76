"""Parts that die come back; parts that stop do so in order."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from domain.shared.backoff import Backoff
from infra.bootstrap.supervisor import Part, PartFailed, Supervisor

PATIENCE = 60.0


def part(folder: Path, name: str, program: str) -> Part:
    return Part(name, [sys.executable, "-c", program], {}, folder / f"{name}.log")


STEADY = """
import signal, sys, time
def leave(*_):
    with open({out!r}, "a") as out:
        out.write({name!r} + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("ready", flush=True)
time.sleep(600)
"""


async def test_parts_stop_the_other_way_round(tmp_path: Path) -> None:
    out = tmp_path / "stopped"
    names = ("first", "second", "third")
    supervisor = Supervisor([part(tmp_path, n, STEADY.format(out=str(out), name=n)) for n in names], print)
    await supervisor.start()
    await supervisor.stop()
    assert out.read_text().split() == ["third", "second", "first"]


async def test_parts_that_are_added_come_up_by_themselves_and_stop_with_the_others(tmp_path: Path) -> None:
    out = tmp_path / "stopped"
    first, second = (part(tmp_path, n, STEADY.format(out=str(out), name=n)) for n in ("first", "second"))
    supervisor = Supervisor([first], print)
    await supervisor.start()
    supervisor.add([second])
    assert not second.ready.is_set()
    await asyncio.wait_for(second.ready.wait(), PATIENCE)
    await supervisor.stop()
    assert out.read_text().split() == ["second", "first"]


async def test_a_part_that_is_killed_is_started_again(tmp_path: Path) -> None:
    said = asyncio.Queue[str]()
    steady = part(tmp_path, "steady", STEADY.format(out=str(tmp_path / "stopped"), name="steady"))
    supervisor = Supervisor([steady], said.put_nowait)
    await supervisor.start()
    first = steady.process
    assert first is not None
    first.kill()
    line = await asyncio.wait_for(said.get(), PATIENCE)
    assert line == f"steady died (killed by SIGKILL); starting it again (log: {steady.log})"
    await steady.ready.wait()
    assert steady.process is not None
    assert steady.process.pid != first.pid
    await supervisor.stop()


ALIVE = """
import sys, time
print("alive\\nready", flush=True)
while True:
    print("alive", flush=True)
    time.sleep(0.05)
"""


async def test_a_part_that_is_frozen_is_killed_and_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.bootstrap.supervisor.LOOK_EVERY", 2.0)
    said = asyncio.Queue[str]()
    living = part(tmp_path, "living", ALIVE)
    supervisor = Supervisor([living], said.put_nowait)
    await supervisor.start()
    first = living.process
    assert first is not None
    first.send_signal(signal.SIGSTOP)
    line = await asyncio.wait_for(said.get(), PATIENCE)
    assert line == f"living died (frozen for 4 s and killed); starting it again (log: {living.log})"
    await asyncio.wait_for(living.ready.wait(), PATIENCE)
    assert living.process is not None
    assert living.process.pid != first.pid
    await supervisor.stop()


async def test_a_part_that_never_comes_up_ends_the_start_with_its_last_words(tmp_path: Path) -> None:
    supervisor = Supervisor([part(tmp_path, "broken", "raise SystemExit('no luck')")], print)
    with pytest.raises(PartFailed, match=r"broken does not start \(exit code 1\): no luck"):
        await supervisor.start()
    await supervisor.stop()


KILLED = """
import os, pathlib, signal, sys, time
starts = pathlib.Path({starts!r})
with starts.open("a") as out:
    out.write("x")
if len(starts.read_text()) < 6:
    os.kill(os.getpid(), signal.SIGKILL)
print("ready", flush=True)
time.sleep(600)
"""


async def test_a_part_that_is_killed_before_it_was_ever_up_has_not_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.bootstrap.supervisor.BACKOFF", Backoff(0.01, 10.0))
    said = list[str]()
    supervisor = Supervisor([part(tmp_path, "hunted", KILLED.format(starts=str(tmp_path / "starts")))], said.append)
    await asyncio.wait_for(supervisor.start(), PATIENCE)
    assert [line.partition(";")[0] for line in said] == ["hunted died (killed by SIGKILL)"] * 5
    await supervisor.stop()


async def test_a_part_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.bootstrap.supervisor.PATIENCE", 0.2)
    program = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('ready', flush=True)\n"
        "time.sleep(600)"
    )
    deaf = part(tmp_path, "deaf", program)
    supervisor = Supervisor([deaf], print)
    await supervisor.start()
    await supervisor.stop()
    assert deaf.process is not None
    assert deaf.process.returncode == -9


FICKLE = """
import pathlib, sys, time
starts = pathlib.Path({starts!r})
with starts.open("a") as out:
    out.write("x")
if 1 < len(starts.read_text()) < 6:
    sys.exit("what I need is away")
print("ready", flush=True)
time.sleep(600)
"""


async def test_a_part_that_was_up_is_waited_for_however_often_it_cannot_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.bootstrap.supervisor.BACKOFF", Backoff(0.01, 10.0))
    fickle = part(tmp_path, "fickle", FICKLE.format(starts=str(tmp_path / "starts")))
    said = list[str]()
    supervisor = Supervisor([fickle], said.append)
    await supervisor.start()
    assert fickle.process is not None
    fickle.ready.clear()
    fickle.process.kill()
    await asyncio.wait_for(fickle.ready.wait(), PATIENCE)
    assert (tmp_path / "starts").read_text() == "xxxxxx"
    assert [line.partition(";")[0] for line in said] == [
        "fickle died (killed by SIGKILL)",
        *["fickle died (exit code 1)"] * 4,
    ]
    await supervisor.stop()
