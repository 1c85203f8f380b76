"""What happened, as lines that can be read: given what, when who did what, then which facts."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from domain.shared.journal import Envelope, JournalEntry
from domain.shared.messages import name_of
from domain.shared.money import Money
from domain.shared.recorded import Recorded
from tests.support.fixtures.virtual_time import BEGINNING

SHOWN = (str, int, Money, Enum)
LONGEST = 400


class Story:
    """Lines in the order in which things happened."""

    def __init__(self) -> None:
        self._lines = list[tuple[str, str]]()

    def tell(self, at: datetime, word: str, what: str) -> None:
        self._lines.append((word, f"{_clock(at)} {word:5} {what}"))

    def fact(self, recorded: Recorded[Any]) -> None:
        fact = recorded.fact
        if isinstance(fact, JournalEntry):
            asked = ", ".join(f"{name_of(one.command.message)}({short(one.command.message)})" for one in fact.asked)
            timers = ", ".join(f"{one.name} {'off' if one.due is None else _clock(one.due)}" for one in fact.alarms)
            what = f"{recorded.stream} hears {name_of(fact.input.message)}({short(fact.input.message)}), {fact.phase}"
            what += f"; asks {asked}" if asked else ""
            what += f"; timers {timers}" if timers else ""
            what += f"; ATTENTION {fact.attention}" if fact.attention else ""
        else:
            what = f"{recorded.stream}#{recorded.revision} {name_of(fact)}({short(fact)}) by {recorded.metadata.actor}"
        self.tell(recorded.recorded_at, "then", what)

    def about(self, name: str) -> str:
        """The lines that name it, and those that concern everybody."""
        return "\n".join(line for word, line in self._lines if name in line or word in ("crash", "given"))


def short(message: Any) -> str:
    """The fields that tell one message from another."""
    shown = (f"{field.name}={_value(getattr(message, field.name))}" for field in fields(message))
    return ", ".join(_plain(shown))[:LONGEST]


def _plain(shown: Iterable[str]) -> Iterable[str]:
    return (text for text in shown if not text.endswith("=..."))


def _value(value: Any) -> str:
    if isinstance(value, datetime):
        return _clock(value)
    if isinstance(value, UUID):
        return str(value)[:8]
    if isinstance(value, Envelope):
        return name_of(value.message)
    return str(value) if isinstance(value, SHOWN) else "..."


def _clock(at: datetime) -> str:
    passed = (at - BEGINNING).total_seconds()
    days, rest = divmod(passed, 86400)
    hours, rest = divmod(rest, 3600)
    return f"{f'{days:.0f}d ' if days else ''}{hours:02.0f}:{rest // 60:02.0f}:{rest % 60:06.3f}"
