"""Proofs about stored records: nothing changed, nothing missing, nothing twice."""

from array import array
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import pairwise
from uuid import UUID

from commands.ports import Record, Unreadable
from domain.shared.recorded import START, Position, Recorded
from infra.audit.verdict import Check
from infra.eventstore.capabilities import PROMISED, Capabilities
from infra.eventstore.hash_chain import FIRST, BrokenSeal, stated_hash, verify


@dataclass(slots=True)
class End:
    """The last record of a stream."""

    revision: int = -1
    hash: str = FIRST
    command_id: UUID | None = None


@dataclass(slots=True)
class RecordAudit:
    """Holds the log against what a store of these `capabilities` promises.

    Ids are kept as hashes of eight bytes. Two that are equal are looked at again, see `suspects`.
    """

    capabilities: Capabilities = PROMISED
    position: Position = START
    order: Check = field(default_factory=lambda: Check("positions rise, and none is missing"))
    revisions: Check = field(default_factory=lambda: Check("every stream counts its records from 0 without a gap"))
    seals: Check = field(default_factory=lambda: Check("every record proves itself and its predecessor by hash"))
    understood: Check = field(default_factory=lambda: Check("every record is understood"))
    event_ids: Check = field(default_factory=lambda: Check("no event id is used twice"))
    commands: Check = field(default_factory=lambda: Check("each command left its events once, one after the other"))
    _ends: dict[str, End] = field(default_factory=dict)
    _ids: "array[int]" = field(default_factory=lambda: array("q"))
    _runs: "array[int]" = field(default_factory=lambda: array("q"))

    @property
    def checks(self) -> list[Check]:
        return [self.order, self.revisions, self.seals, self.understood, self.event_ids, self.commands]

    def see(self, record: Record) -> None:
        """Take the next record of the global order."""
        end = self._ends.get(record.stream)
        if end is None:
            end = self._ends[record.stream] = End()
        if record.position <= self.position:
            self.order.fail(f"{record.position} comes after {self.position}.")
        elif self.capabilities.gapless and record.position != self.position + 1:
            self.order.fail(f"{record.position - self.position - 1} records are missing before {record.position}.")
        if record.revision != end.revision + 1:
            self.revisions.fail(f"{record.stream}: {record.revision} comes after {end.revision}.")
        try:
            end.hash = verify(record, end.hash)
        except BrokenSeal as broken:
            self.seals.fail(f"Position {record.position}: {broken}")
            end.hash = stated_hash(record.metadata)
        self.position = record.position
        end.revision = record.revision
        self._ids.append(hash(self.id_of(record)))

    def id_of(self, record: Record | Recorded[object]) -> tuple[str, UUID]:
        """What no other record may be called."""
        return "" if self.capabilities.ids_across_streams else record.stream, record.event_id

    def see_understood(self, recorded: Recorded[object]) -> None:
        """The record seen last, understood."""
        self.understood.looked_at += 1
        end = self._ends[recorded.stream]
        if recorded.metadata.command_id != end.command_id:
            end.command_id = recorded.metadata.command_id
            self._runs.append(_run(recorded))

    def see_mystery(self, record: Record, error: Exception) -> None:
        """The record seen last could not be understood."""
        placed = isinstance(error, Unreadable)
        self.understood.fail(str(error) if placed else f"{record.stream} at revision {record.revision}: {error}")

    def suspects(self) -> tuple[Collection[int], Collection[int]]:
        """Hashes of event ids, and of commands in streams, that came more than once."""
        for check in (self.order, self.revisions, self.seals, self.event_ids):
            check.looked_at = len(self._ids)
        self.commands.looked_at = len(self._runs)
        return _doubles(self._ids), _doubles(self._runs)


@dataclass(slots=True)
class Doubles:
    """A second look at ids whose hashes came twice: is it the ids that did?"""

    audit: RecordAudit
    ids: Collection[int]
    runs: Collection[int]
    _ids: set[tuple[str, UUID]] = field(default_factory=set)
    _runs: set[tuple[str, UUID]] = field(default_factory=set)
    _last: dict[str, UUID] = field(default_factory=dict)

    def see(self, recorded: Recorded[object]) -> None:
        place = f"{recorded.stream} at revision {recorded.revision}"
        if hash(own := self.audit.id_of(recorded)) in self.ids:
            if own in self._ids:
                self.audit.event_ids.fail(f"{place}: {recorded.event_id}")
            self._ids.add(own)
        if _run(recorded) in self.runs:
            run = recorded.stream, recorded.metadata.command_id
            if run in self._runs and self._last.get(recorded.stream) != run[1]:
                self.audit.commands.fail(f"{place}: command {run[1]} again")
            self._runs.add(run)
        self._last[recorded.stream] = recorded.metadata.command_id


def _run(recorded: Recorded[object]) -> int:
    return hash((recorded.stream, recorded.metadata.command_id))


def _doubles(hashes: "array[int]") -> set[int]:
    ordered = sorted(hashes)
    return {one for one, other in pairwise(ordered) if one == other}
