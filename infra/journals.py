"""Entries of journals as they are stored: what they carry is left as text until somebody looks at it.

They are a quarter of a log, and most of what they carry is never looked at.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from domain.shared.journal import Alarm, Asked, Carried, Heard


class _Carried(msgspec.Struct, frozen=True, gc=False):
    type: str
    data: msgspec.Raw


class _Asked(msgspec.Struct, frozen=True, gc=False):
    command_id: UUID
    command: _Carried


class _Heard(msgspec.Struct, frozen=True):
    process: str
    instance: str
    input_id: UUID
    input: _Carried
    input_at: datetime
    asked: tuple[_Asked, ...]
    alarms: tuple[Alarm, ...]
    phase: str
    attention: str | None
    settled: int = -1


_STORED = msgspec.json.Decoder(_Heard)


@dataclass(frozen=True, slots=True)
class HeardDecoder:
    """`carried` makes a message that can be looked at of its stored name and its text."""

    carried: Callable[[str, msgspec.Raw], Carried]

    def decode(self, data: bytes | msgspec.Raw) -> Heard:
        stored, carried = _STORED.decode(data), self.carried
        return Heard(
            process=stored.process,
            instance=stored.instance,
            input_id=stored.input_id,
            input=carried(stored.input.type, stored.input.data),
            input_at=stored.input_at,
            asked=tuple(
                [
                    Asked(command_id=it.command_id, command=carried(it.command.type, it.command.data))
                    for it in stored.asked
                ]
            ),
            alarms=stored.alarms,
            phase=stored.phase,
            attention=stored.attention,
            settled=stored.settled,
        )
