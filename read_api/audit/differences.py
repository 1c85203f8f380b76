"""What differs between two states: each value by its path, before and after."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from domain.shared.messages import name_of
from domain.shared.money import Money
from domain.shared.personal import Sealed
from domain.shared.pricing import UnitPrice

NAMED_BY = ("sku", "shipment_id", "valid_from", "url", "kind")
"""The field that identifies the members of a sequence, where they have one."""

Path = tuple[str, ...]


class Difference(NamedTuple):
    """A value that changed. None: it was not there."""

    path: Path
    before: str | None
    after: str | None


def differences(before: Any, after: Any) -> list[Difference]:
    """In the order of the fields; what is equal is left out."""
    return list(_between(before, after, ()))


def _between(before: Any, after: Any, path: Path) -> Iterator[Difference]:
    if before is after or before == after:
        return
    old, new = _members(before), _members(after)
    if old is None and new is None:
        yield from _leaf(path, _text(before), _text(after))
        return
    if old is None:
        yield from _leaf(path, _text(before), None)
    if new is None:
        yield from _leaf(path, None, _text(after))
    old, new = old or {}, new or {}
    for name in _names(old, new):
        yield from _between(old.get(name), new.get(name), (*path, _label(name)))


def _leaf(path: Path, before: str | None, after: str | None) -> Iterator[Difference]:
    names_its_member = len(path) > 1 and path[-1] in NAMED_BY and path[-2] in (before, after)
    if before != after and not names_its_member:
        yield Difference(path, before, after)


def _names(old: Mapping[Any, Any], new: Mapping[Any, Any]) -> Sequence[Any]:
    """Names of what may differ: fields in their order, others sorted."""
    names = [*old, *(name for name in new if name not in old)]
    differing = [name for name in names if old.get(name) is not new.get(name)]
    return differing if isinstance(old or new, dict) else sorted(differing, key=_label)


def _members(value: Any) -> Mapping[Any, Any] | None:
    """What a value is made of, by name; None for a value that is shown as one text."""
    match value:
        case None | str() | Enum() | Money() | UnitPrice() | Sealed():
            return None
        case Mapping():
            return value
        case tuple() if hasattr(value, "_fields"):
            return dict(zip(value._fields, value, strict=True))
        case Sequence() if any(map(_has_members, value)):
            return {_name(member, place): member for place, member in enumerate(value, 1)}
        case _ if _has_members(value) and _event(value) is None:
            return {field.name: getattr(value, field.name) for field in fields(value)}
    return None


def _has_members(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, Money | UnitPrice | Sealed)


def _name(member: Any, place: int) -> str:
    return next((_label(getattr(member, name)) for name in NAMED_BY if hasattr(member, name)), str(place))


def _label(value: Any) -> str:
    return _text(value) or ""


def _text(value: Any) -> str | None:
    match value:
        case None | "":
            return None
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat()
        case Sealed():
            return "sealed"
        case str() | Enum():
            return str(value)
        case Set():
            return ", ".join(sorted(map(_label, value))) or None
        case Sequence():
            return ", ".join(map(_joined, value)) or None
    return _event(value) or str(value)


def _joined(value: Any) -> str:
    """A pair, such as an option's name and value, is shown as two words."""
    return " ".join(map(_label, value)) if isinstance(value, tuple) else _label(value)


def _event(value: Any) -> str | None:
    """The stored name of an event or a command that a state keeps."""
    try:
        return name_of(value)
    except KeyError:
        return None
