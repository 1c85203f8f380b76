"""The shape of every dataclass that is stored outside the log, by the version that names it.

A snapshot holds an aggregate's state under `Route.version`; a row of a read model holds a document under
`Projection.version`. `python -m tests.guards.shapes` adds the shapes of new versions to the golden file. It never
changes the shape of a version that is there: raise the version instead.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum, EnumType
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from commands.routes import ROUTES
from projections.engine.documents import Document
from projections.registry import PROJECTIONS

FILE = Path(__file__).parents[1] / "golden" / "shapes.json"


def shapes() -> dict[str, str]:
    """Shapes by what holds them, such as `snapshot stock.1` or `row orders.7 OrderView`."""
    found = {f"snapshot {route.version}": shape(route.state) for route in ROUTES.values()}
    for projection in PROJECTIONS:
        for document in _documents(sys.modules[projection.project.__module__], set()):
            found[f"row {projection.name}.{projection.version} {_name(document.of)}"] = shape(document.of)
    return found


def pinned() -> dict[str, str]:
    """The shapes of the golden file."""
    stored: dict[str, str] = json.loads(FILE.read_text())
    return stored


def shape(kind: Any) -> str:
    """A type with what all classes inside it hold, each written out once: fields in their order, values of enums."""
    seen: dict[Any, None] = {}
    _collect(kind, seen)
    return "; ".join([_name(kind), *(f"{_name(each)}({_inside(each)})" for each in seen)])


def _collect(kind: Any, seen: dict[Any, None]) -> None:
    if isinstance(kind, EnumType):
        seen[kind] = None
    elif _has_fields(kind) and kind not in seen:
        seen[kind] = None
        for hint in _hints(kind).values():
            _collect(hint, seen)
    for inner in get_args(kind):
        _collect(inner, seen)


def _has_fields(kind: Any) -> bool:
    return isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, msgspec.Struct))


def _hints(kind: Any) -> dict[str, Any]:
    names = [each.name for each in fields(kind)] if is_dataclass(kind) else kind.__struct_fields__
    hints = get_type_hints(kind)
    return {name: hints[name] for name in names}


def _inside(kind: Any) -> str:
    if isinstance(kind, EnumType):
        return ", ".join(repr(member.value) for member in list[Enum](kind))
    return ", ".join(f"{name}: {_name(hint)}" for name, hint in _hints(kind).items())


def _name(kind: Any) -> str:
    if kind is ...:
        return "..."
    if kind is NoneType:
        return "None"
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return " | ".join(map(_name, arguments))
    if arguments:
        return f"{origin.__name__}[{', '.join(map(_name, arguments))}]"
    return str(kind.__name__)


def _documents(module: ModuleType, seen: set[str]) -> Iterator[Document[Any]]:
    """Documents of a module of read models, and of the modules of read models that it uses."""
    if module.__name__ in seen:
        return
    seen.add(module.__name__)
    for value in vars(module).values():
        if isinstance(value, Document):
            yield value
        used = value if isinstance(value, ModuleType) else sys.modules.get(getattr(value, "__module__", None) or "")
        if used is not None and used.__name__.startswith("projections.") and ".engine" not in used.__name__:
            yield from _documents(used, seen)


def main() -> int:
    there, now = pinned() if FILE.exists() else {}, shapes()
    if changed := sorted(key for key in there.keys() & now.keys() if there[key] != now[key]):
        sys.stderr.write(f"Raise the version of what holds these, their shape has changed: {', '.join(changed)}\n")
        return 1
    FILE.write_text(json.dumps(dict(sorted({**there, **now}.items())), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
