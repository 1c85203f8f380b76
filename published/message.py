"""A message of the published language: data under a name, in a topic, with a key that keeps its order."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar, dataclass_transform

T = TypeVar("T")


class Kind(NamedTuple):
    """What is promised of one kind of message: `key` is the field by which it is kept in order."""

    name: str
    topic: str
    key: str
    shape: type[Any]


KINDS: dict[str, Kind] = {}
_OF: dict[type[Any], Kind] = {}


@dataclass_transform(kw_only_default=True, frozen_default=True)
def message(name: str, *, topic: str, key: str) -> Callable[[type[T]], type[T]]:
    """Declare a message, `<subject>.<fact>.v<n>`. A field that comes later needs a default; see ADR 18."""

    def declare(cls: type[T]) -> type[T]:
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        KINDS[name] = _OF[made] = Kind(name, topic, key, made)
        return made

    return declare


def kind_of(message: object) -> Kind:
    """The kind of a message."""
    return _OF[type(message)]
