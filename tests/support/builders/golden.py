"""Golden files: how each event was stored on the day its name was given.

`python -m tests.support.builders.golden` writes those that are missing and never touches one that is there. A file
that no longer fits its event says that the log does not fit it either: give the event a new stored name, keep the old
file, and write an upcaster (infra/serialization/upcasters.py).
"""

import importlib
import json
import pkgutil
import sys
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import EnumType
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, NewType, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID
from zlib import crc32

import domain
from domain.shared.ids import Sku, Warehouse
from domain.shared.journal import Envelope
from domain.shared.messages import EVENTS
from domain.stock.events import StockReceived
from infra.serialization.codec import JsonCodec
from infra.serialization.upcasters import UPCASTERS

FOLDER = Path(__file__).parents[2] / "golden" / "events"
CODEC = JsonCodec(UPCASTERS)
AT = datetime(2026, 11, 25, 12, 30, 15, 123456, tzinfo=UTC)


def stored_events() -> dict[str, type[Any]]:
    """Every event that the product stores, by name; tests declare some of their own."""
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        importlib.import_module(module.name)
    importlib.import_module("process_managers.engine.process")
    return {name: event for name, event in EVENTS.items() if not event.__module__.startswith("tests.")}


def examples(event: type[Any]) -> list[Any]:
    """An event with all it can hold and, where that differs, one with as little as it can."""
    full, bare = _example(event, "", full=True), _example(event, "", full=False)
    return [full] if full == bare else [full, bare]


def golden() -> list[Path]:
    """The files there are."""
    return sorted(FOLDER.glob("*.json"))


def read(file: Path) -> list[Any]:
    """What a golden file holds."""
    stored: list[Any] = json.loads(file.read_text())
    return stored


def name_in(file: Path) -> str:
    return file.name.removesuffix(".json")


def _example(kind: Any, name: str, *, full: bool) -> Any:
    """A value of a type: text and numbers follow from the field's name, so that no two fields can be mixed up."""
    if isinstance(kind, NewType):
        return _example(kind.__supertype__, name, full=full)
    if get_origin(kind) in (UnionType, Union):
        (some,) = set(get_args(kind)) - {NoneType}
        return _example(some, name, full=full) if full else None
    if get_origin(kind) is tuple:
        first, *rest = get_args(kind)
        if rest == [...]:
            return (_example(first, name, full=True),) if full else ()
        return tuple(_example(each, f"{name}{n}", full=full) for n, each in enumerate((first, *rest)))
    if is_dataclass(kind):
        hints, make = get_type_hints(kind), cast(type[Any], kind)
        return make(**{field.name: _example(hints[field.name], field.name, full=full) for field in fields(kind)})
    return _plain(kind, name)


def _plain(kind: Any, name: str) -> Any:
    number = crc32(name.encode())
    if isinstance(kind, EnumType):
        return list(kind)[-1]
    plain = {
        str: "EUR" if name == "currency" else f"{name} {number % 97} ä",
        int: number % 10_000,
        bool: True,
        datetime: AT,
        UUID: UUID(int=number),
        Envelope: Envelope(StockReceived(sku=Sku("SKU-1"), warehouse=Warehouse("MAIN"), quantity=3)),
    }
    return plain[kind]


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, event in stored_events().items():
        file = FOLDER / f"{name}.json"
        if not file.exists():
            stored = [json.loads(CODEC.encode(example)) for example in examples(event)]
            file.write_text(json.dumps(stored, indent=2, ensure_ascii=False) + "\n")
            sys.stdout.write(f"wrote {file.name}\n")


if __name__ == "__main__":
    main()
