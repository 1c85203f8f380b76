"""What one part can write every part can read, with no more of the code loaded than the part loads itself."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from domain.shared.messages import COMMANDS, EVENTS, name_of
from tests.support.builders.golden import golden, name_in
from tests.support.builders.stored_names import ROOT, declared, messages, records

READ_ALL = """
import base64, importlib, json, sys
importlib.import_module(sys.argv[1])
from infra.bootstrap.composition import codec
from commands.ports import Record
from uuid import UUID

reading, wrong = codec(), []
for line in sys.stdin:
    place, stream, name, data, metadata = json.loads(line)
    record = Record(place, stream, 0, UUID(int=place), name, data.encode(), metadata.encode())
    try:
        fact = reading.decode_event(record).fact
        reading.decode_view(record)
        kept = getattr(fact, "unrecorded", None)
        carried = [getattr(fact, "command", None), getattr(kept, "message", None)]
        carried += [one.command for one in getattr(fact, "asked", ())]
        for one in carried:
            getattr(one, "message", None)
        if hasattr(fact, "input_at"):
            fact.input.message
    except Exception as fault:
        wrong.append(str(fault))
print(json.dumps(wrong))
"""


def parts() -> Iterator[str]:
    """The modules that `counterfoil run` loads for its parts, and the least of all: what commands load."""
    for node in ast.walk(ast.parse((ROOT / "infra/cli/run.py").read_text())):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("infra.bootstrap.parts"):
            yield str(node.module)
    yield "infra.cli.main"


def test_the_source_is_searched_for_all_that_is_registered() -> None:
    registered = {**EVENTS, **COMMANDS}
    ours = {name for name, cls in registered.items() if not cls.__module__.startswith("tests.")}
    found = {*declared("event"), *declared("command")}
    assert ours - found == set()
    assert {name_of(message) for message in messages()} == found
    assert {name_in(file) for file in golden()} >= set(declared("event"))


@pytest.mark.parametrize("part", sorted(set(parts())))
def test_every_part_reads_every_name_that_some_part_can_store(part: str) -> None:
    lines = [
        json.dumps([one.position, one.stream, one.type, one.data.decode(), one.metadata.decode()]) for one in records()
    ]
    told = subprocess.run(
        [sys.executable, "-c", READ_ALL, part], input="\n".join(lines), capture_output=True, text=True, check=True
    )
    assert json.loads(told.stdout) == []
