"""Which records a reader of everything gets to see."""

import re
from collections.abc import Callable
from typing import Any

from .record import Record

Filter = Callable[[Record], bool]


def visible(record: Record) -> bool:
    """Everything but the server's own bookkeeping."""
    stream = record.stream
    if stream == "$epoch-information":
        return False
    return not (stream.startswith("$persistentsubscription-$all::") and stream.endswith(("-checkpoint", "-parked")))


def filter_of(options: Any) -> Filter:
    """The filter of `FilterOptions`. A pattern need only be found somewhere; an empty one gives way to prefixes."""
    which = options.WhichOneof("filter")
    if which is None:
        raise ValueError(f"'{options}' is not a valid FilterOptions")
    expression = getattr(options, which)
    subject: Callable[[Record], str] = _type_of if which == "event_type" else _stream_of
    if expression.regex:
        search = re.compile(python_pattern(expression.regex)).search
        return lambda record: visible(record) and search(subject(record)) is not None
    prefixes = tuple(expression.prefix)
    return lambda record: visible(record) and subject(record).startswith(prefixes)


def python_pattern(pattern: str) -> str:
    """.NET writes named groups as (?<name>...), Python as (?P<name>...)."""
    return re.sub(r"\(\?<(?![=!])", "(?P<", pattern)


def _type_of(record: Record) -> str:
    return record.type


def _stream_of(record: Record) -> str:
    return record.stream
