"""Decode journal entries. The messages inside stay undecoded text until they are used.

A quarter of a log is journal entries, and most of the messages inside are never used. Read models use
their names only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

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
