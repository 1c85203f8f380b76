"""Warnings and errors that say the same again and again are written at a bounded rate, so that no log fills a disk.

Lines are the same when they have the same words and the same kind of exception from the same place of the code; ids and
texts in them may differ, for those are what a stranger can choose. Metrics count before this, all of them.
"""

import logging
import sys
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from types import TracebackType
from typing import Any

import structlog
from cachetools import LRUCache
from structlog.typing import EventDict, WrappedLogger

AT_ONCE, EVERY = 50, 2.0
"""So many lines of a kind at once, then one in so many seconds."""

MOST_KINDS = 1_000

LIMITED = ("warning", "error", "critical", "exception")


@dataclass(slots=True)
class LineRate:
    """Which lines are written (generic cell rate algorithm); the kind not seen for longest is forgotten first."""

    at_once: int = AT_ONCE
    every: float = EVERY
    clock: Callable[[], float] = monotonic
    _kinds: LRUCache[Hashable, tuple[float, int]] = field(default_factory=lambda: LRUCache(MOST_KINDS))
    """Until when a kind has used up what it may, and how many of its lines were left out since the last one."""

    _lock: Lock = field(default_factory=Lock)
    """Libraries log from threads of their own."""

    def left_out_before(self, kind: Hashable) -> int | None:
        """How many lines of the kind were left out before this one; None: leave this one out too."""
        now = self.clock()
        with self._lock:
            used, left_out = self._kinds.get(kind, (now, 0))
            used = max(used, now)
            fits = used - now <= self.every * (self.at_once - 1)
            self._kinds[kind] = (used + self.every, 0) if fits else (used, left_out + 1)
        return left_out if fits else None


@dataclass(frozen=True, slots=True)
class BoundedLines:
    """A processor of structlog. `left_out` in a line is the number of similar lines that were not written."""

    rate: LineRate

    def __call__(self, _logger: WrappedLogger, level: str, line: EventDict) -> EventDict:
        if level not in LIMITED:
            return line
        left_out = self.rate.left_out_before((level, str(line.get("event")), *_kind_of(line.get("exc_info"))))
        if left_out is None:
            raise structlog.DropEvent
        return {**line, "left_out": left_out} if left_out else line


class BoundedRecords(logging.Filter):
    """The same for the libraries' own lines."""

    def __init__(self, rate: LineRate) -> None:
        super().__init__()
        self.rate = rate

    def filter(self, record: logging.LogRecord) -> bool:
        kind = (record.name, record.levelno, str(record.msg)[:200], *_kind_of(record.exc_info))
        return record.levelno < logging.WARNING or self.rate.left_out_before(kind) is not None


def _kind_of(told: Any) -> tuple[str, str, int]:
    """The kind of an exception, and where it comes from."""
    error = sys.exc_info()[1] if told is True else told[1] if isinstance(told, tuple) else told
    if not isinstance(error, BaseException):
        return ("", "", 0)
    at: TracebackType | None = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = (at.tb_frame.f_code.co_filename, at.tb_lineno) if at else ("", 0)
    return (type(error).__qualname__, *place)
