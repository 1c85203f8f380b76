"""The function that makes an object of an answer, written out as Python for the very fields that are asked for.

Reading twenty products of ten fields in loops costs more in the loops than in the fields. So the text of the function
is put together here, from what is known of each field, and compiled. Nothing of a request gets into it but the keys of
the answer, as quoted literals; attributes are those of our own classes, and everything else goes by a number into
`given`, which the function sees as its globals.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType
from typing import Any

from read_api.engine.plain import NotPlain

Function = Callable[[Any, Any], Any]
"""From a value, and the run that hands it on, to JSON."""


@dataclass(frozen=True, slots=True)
class Read:
    """A field: an attribute or a method that needs nothing but the object, and what makes its value an answer.

    A value of the class `exact` is the answer as it is; `complete` takes all others.
    """

    key: str
    get: str | Callable[[Any], Any]
    exact: type[Any] | None
    complete: Function


@dataclass(slots=True)
class Writer:
    """Writes one function line by line, and gives names to what it uses."""

    lines: list[str] = field(default_factory=list)
    given: dict[str, Any] = field(default_factory=dict)

    def let_none_through(self) -> None:
        """What is none is none in the answer."""
        self.lines.append("if source is None: return None")

    def admit(self, fits: Callable[[Any], bool]) -> None:
        """Only objects of classes that fit; whether a class does is found out with the first object of it."""
        known = set[type[Any]]()

        def look(source: object) -> None:
            if not fits(source):
                raise NotPlain
            known.add(source.__class__)

        self.lines.append(f"if source.__class__ not in {self._named(known)}: {self._named(look)}(source)")

    def selection(
        self, known: Mapping[str, str | None], now: Sequence[Read], later: Sequence[Callable[..., None]]
    ) -> Function:
        """From an object to a dict with the keys of `known` in their order.

        Their values are those of `known`, where no field of `now` has one; what `later` puts there comes after these.
        """
        values = {key: repr(value) for key, value in known.items()}
        for number, it in enumerate(now):
            values[it.key] = f"value_{number}"
            self._read(values[it.key], it)
        self.lines.append(f"found = {{{', '.join(f'{key!r}: {value}' for key, value in values.items())}}}")
        self.lines += [f"{self._named(put)}(source, run, found)" for put in later]
        self.lines.append("return found")
        return self._function()

    def _read(self, value: str, it: Read) -> None:
        if isinstance(it.get, str):
            assert it.get.isidentifier()
            self.lines.append(f"{value} = source.{it.get}")
        else:
            self.lines.append(f"{value} = {self._named(it.get)}(source)")
        other = f"if {value}.__class__ is not {self._named(it.exact)}: " if it.exact else ""
        self.lines.append(f"{other}{value} = {self._named(it.complete)}({value}, run)")

    def _named(self, value: object) -> str:
        name = f"given_{len(self.given)}"
        self.given[name] = value
        return name

    def _function(self) -> Function:
        text = "\n    ".join(["def selected(source, run):", *self.lines])
        exec(_compiled(text), self.given)
        made: Function = self.given["selected"]
        return made


@lru_cache(maxsize=1_000)
def _compiled(text: str) -> CodeType:
    """Compiling costs more than all else of a plan, and selections look alike: a price is asked for in few ways."""
    return compile(text, "<a plan>", "exec")
