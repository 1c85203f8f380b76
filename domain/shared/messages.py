"""Events and commands are data with a stored name, which is written by hand and never changes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")

EVENTS: dict[str, type[Any]] = {}
COMMANDS: dict[str, type[Any]] = {}
_NAMES: dict[type[Any], str] = {}
_FORM = re.compile(r"[a-z_]+\.[a-z0-9_]+\.v[1-9][0-9]*")


def _registered(name: str, kind: dict[str, type[Any]]) -> Callable[[type[T]], type[T]]:
    def register(cls: type[T]) -> type[T]:
        if not _FORM.fullmatch(name):
            raise TypeError(f"{name!r} is no stored name; one looks like stock.reserved.v1.")
        if name in kind:
            raise TypeError(f"{name} already names {kind[name].__qualname__}.")
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        kind[name] = made
        _NAMES[made] = name
        return made

    return register


@dataclass_transform(kw_only_default=True, frozen_default=True)
def event(stored_name: str) -> Callable[[type[T]], type[T]]:
    """Declare a fact under its stored name, `<aggregate>.<fact>.v<n>`."""
    return _registered(stored_name, EVENTS)


@dataclass_transform(kw_only_default=True, frozen_default=True)
def command(stored_name: str) -> Callable[[type[T]], type[T]]:
    """Declare a request under the name by which journals keep it, `<aggregate>.<request>.v<n>`."""
    return _registered(stored_name, COMMANDS)


def name_of(message: object) -> str:
    """The stored name of an event or a command."""
    return _NAMES[type(message)]


def stored_name(cls: type[Any]) -> str:
    """The stored name of a class of events or commands."""
    return _NAMES[cls]
