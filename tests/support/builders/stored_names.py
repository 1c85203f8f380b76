"""Every name that some part can store, found in the source, and a record of each, alone and carried by others."""

import ast
import importlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from commands.ports import Record
from domain.shared.journal import (
    CommandParked,
    CommandResent,
    Envelope,
    InputParked,
    InputResent,
    JournalEntry,
    RequestedCommand,
    Unrecorded,
)
from domain.shared.messages import name_of
from domain.shared.recorded import Position
from infra.serialization.codec import JsonCodec
from tests.support.builders.golden import AT, examples, golden, name_in

ROOT = Path(__file__).parents[3]
PACKAGES = (
    "domain",
    "commands",
    "process_managers",
    "projections",
    "published",
    "http_edge",
    "write_api",
    "read_api",
    "infra",
)
METADATA = (
    b'{"$correlationId":"00000000-0000-0000-0000-000000000001","$causationId":"00000000-0000-0000-0000-000000000002",'
    b'"command_id":"00000000-0000-0000-0000-000000000007","actor":"staff:ada","recorded_at":"2026-01-02T03:04:05.000006Z",'
    b'"previous":"00","hash":"00"}'
)
SOME = UUID(int=5)


@cache
def declared(kind: str) -> Mapping[str, str]:
    """Modules by the stored names that they declare as `@event("...")` or `@command("...")`."""
    found = dict[str, str]()
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            for name in _declarations(ast.parse(file.read_text()), kind):
                assert name not in found, f"{name} is declared twice."
                found[name] = module
    return found


def _declarations(tree: ast.AST, kind: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        for mark in node.decorator_list:
            called = mark.func if isinstance(mark, ast.Call) else None
            if isinstance(called, ast.Name) and called.id == kind:
                assert isinstance(mark, ast.Call)
                (name,) = mark.args
                assert isinstance(name, ast.Constant), f"{node.name} has a name that is not written out."
                yield str(name.value)


def messages() -> list[Any]:
    """An event or a command of every name, as full as it can be."""
    found = dict[str, Any]()
    for module in {*declared("event").values(), *declared("command").values()}:
        for declaration in vars(importlib.import_module(module)).values():
            if isinstance(declaration, type) and declaration.__module__ == module:
                try:
                    full = examples(declaration)[0]
                    found[name_of(full)] = full
                except (KeyError, IndexError, TypeError, ValueError):
                    continue  # no message: an error, a state, a protocol
    return [message for _, message in sorted(found.items())]


def carriers(message: Any) -> list[Any]:
    """All facts that carry a message inside."""
    it = Envelope(message)
    who: dict[str, Any] = {"process": "checkout", "instance": "o1"}
    kept = Unrecorded(message=it, at=AT, correlation_id=SOME)
    where = {**who, "entry_id": SOME, "input_id": SOME, "input": name_of(message), "stream": "", "revision": -1}
    heard = {**who, "input_id": SOME, "input_at": AT, "alarms": (), "phase": "Waiting", "attention": None}
    return [
        JournalEntry(**heard, input=it, asked=(RequestedCommand(command_id=SOME, command=it),)),
        CommandParked(**who, command_id=SOME, command=it, error="Down", attempts=10),
        CommandResent(**who, command_id=SOME, command=it),
        InputParked(**where, unrecorded=kept, error="KeyError"),
        InputResent(**where, unrecorded=kept),
    ]


def records() -> list[Record]:
    """Each event as a record, each message in each carrier, and all that golden files keep of the past."""
    encode, events = JsonCodec().encode, declared("event")
    stored = [(name_of(it), encode(it)) for it in messages() if name_of(it) in events]
    stored += [(name_of(it), encode(it)) for message in messages() for it in carriers(message)]
    stored += [(name_in(file), file.read_bytes().strip()[1:-1]) for file in golden() if _single(file)]
    return [
        Record(Position(n), f"test-{n}", 0, UUID(int=n), name, data, METADATA)
        for n, (name, data) in enumerate(stored, start=1)
    ]


def _single(file: Path) -> bool:
    return len(JsonCodec().decode(file.read_bytes(), list)) == 1
