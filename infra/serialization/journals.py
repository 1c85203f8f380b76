"""Decode journal entries. The messages inside stay undecoded text until they are used.

A quarter of a log is journal entries, and most of the messages inside are never used; read models use none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from domain.shared.frozen import thawed
from domain.shared.journal import Envelope, JournalEntry, RequestedCommand, TimerChange


class _Envelope(msgspec.Struct, frozen=True, gc=False):
    type: str
    data: msgspec.Raw


class _RequestedCommand(msgspec.Struct, frozen=True, gc=False):
    command_id: UUID
    command: _Envelope


class _JournalEntry(msgspec.Struct, frozen=True):
    process: str
    instance: str
    input_id: UUID
    input: _Envelope
    input_at: datetime
    asked: tuple[_RequestedCommand, ...]
    alarms: tuple[TimerChange, ...]
    phase: str
    attention: str | None
    settled: int = -1


_STORED = msgspec.json.Decoder(_JournalEntry)


@dataclass(frozen=True, slots=True)
class JournalEntryDecoder:
    """`carried` makes a message that can be looked at of its stored name and its text."""

    carried: Callable[[str, msgspec.Raw], Envelope]

    def decode(self, data: bytes | msgspec.Raw) -> JournalEntry:
        stored, carried = _STORED.decode(data), self.carried
        return JournalEntry(
            process=stored.process,
            instance=stored.instance,
            input_id=stored.input_id,
            input=carried(stored.input.type, stored.input.data),
            input_at=stored.input_at,
            asked=tuple(
                [
                    RequestedCommand(command_id=it.command_id, command=carried(it.command.type, it.command.data))
                    for it in stored.asked
                ]
            ),
            alarms=stored.alarms,
            phase=stored.phase,
            attention=stored.attention,
            settled=stored.settled,
        )


class Named(Envelope):
    """A carried message of which nothing but the name is known."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def name(self) -> str:
        return self._name


class _NamedInput(msgspec.Struct, frozen=True, gc=False):
    type: str


class _Glimpse(msgspec.Struct, frozen=True, gc=False):
    process: str
    instance: str
    input: _NamedInput
    phase: str
    attention: str | None


_GLIMPSE = msgspec.json.Decoder(_Glimpse)
_Entry = thawed(JournalEntry)


@dataclass(frozen=True, slots=True)
class GlimpseDecoder:
    """Decodes the five fields of an entry that read models use; reading another field raises AttributeError.

    An entry whose input has no current name is decoded as a whole by `whole`.
    """

    named: Mapping[str, Named]
    whole: JournalEntryDecoder

    def decode(self, data: bytes) -> JournalEntry:
        seen = _GLIMPSE.decode(data)
        named = self.named.get(seen.input.type)
        if named is None:
            return self.whole.decode(data)
        entry = _Entry()
        entry.process = seen.process
        entry.instance = seen.instance
        entry.input = named
        entry.phase = seen.phase
        entry.attention = seen.attention
        entry.__class__ = JournalEntry
        decoded: JournalEntry = entry
        return decoded
