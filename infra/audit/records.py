"""Proofs about stored records: nothing changed, nothing missing, nothing twice."""

from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from uuid import UUID

from commands.ports import Record, Unreadable
from domain.shared.journal import CommandParked, InputParked
from domain.shared.recorded import START, Position, Recorded
from infra.audit.stream_heads import HeadDigest, digest_of
from infra.audit.verdict import Check
from infra.eventstore.capabilities import PROMISED, Capabilities
from infra.eventstore.hash_chain import FIRST, BrokenSeal, recorded_at, stated_hash, verify

TIME = len("2026-11-25T12:00:00.000000Z")


@dataclass(slots=True)
class End:
    """The last record of a stream."""

    revision: int = -1
    hash: str = FIRST
    command_id: UUID | None = None
    recorded_at: str = ""


@dataclass(slots=True)
class RecordAudit:
    """Holds the log against what a store of these `capabilities` promises.

    Ids are kept as hashes of eight bytes. Two that are equal are looked at again, see `suspects`. Up to `moved` the log
    came from a store that keeps times in the order of each stream only. `expected` are digests that were noted before.
    """

    capabilities: Capabilities = PROMISED
    moved: Position = START
    expected: Sequence[HeadDigest] = ()
    position: Position = START
    order: Check = field(default_factory=lambda: Check("positions rise, and none is missing"))
    revisions: Check = field(default_factory=lambda: Check("every stream counts its records from 0 without a gap"))
    seals: Check = field(default_factory=lambda: Check("every record proves itself and its predecessor by hash"))
    times: Check = field(default_factory=lambda: Check("the time of recording never runs backwards"))
    understood: Check = field(default_factory=lambda: Check("every record is understood"))
    event_ids: Check = field(default_factory=lambda: Check("no event id is used twice"))
    commands: Check = field(default_factory=lambda: Check("each command left its events once, one after the other"))
    noted: Check = field(default_factory=lambda: Check("stream heads have the digests that were noted"))
    _ends: dict[str, End] = field(default_factory=dict)
    _ids: "array[int]" = field(default_factory=lambda: array("q"))
    _runs: "array[int]" = field(default_factory=lambda: array("q"))
    _latest: str = ""
    _awaited: list[HeadDigest] = field(init=False)

    def __post_init__(self) -> None:
        self._awaited = sorted(self.expected, key=lambda noted: noted.position)

    @property
    def checks(self) -> list[Check]:
        found = [self.order, self.revisions, self.seals, self.times, self.understood, self.event_ids, self.commands]
        return [*found, self.noted] if self.expected else found

    def see(self, record: Record) -> None:
        """Take the next record of the global order."""
        self._compare_before(record.position)
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
        self._prove_time(record, end)
        self.position = record.position
        end.revision = record.revision
        self._ids.append(hash(self.id_of(record)))

    def _prove_time(self, record: Record, end: End) -> None:
        in_order = self.capabilities.times_in_order and record.position > self.moved
        before = self._latest if in_order else end.recorded_at
        with self.times.finding(f"Position {record.position}"):
            at = end.recorded_at = self._latest = recorded_at(record.metadata)
            if len(at) != TIME or at < before:
                self.times.fail(f"Position {record.position}: {at} comes after {before}.")

    def digest(self) -> str:
        """Of the heads of all streams that were seen."""
        return digest_of((stream, end.revision, end.hash) for stream, end in self._ends.items())

    def close(self, head: Position) -> None:
        """Compare the digests that were noted at the end of the log, or beyond."""
        self._compare_before(Position(head + 1))
        for noted in self._awaited:
            self.noted.looked_at += 1
            self.noted.fail(f"{noted} was noted, and the log ends at position {head}.")

    def _compare_before(self, position: Position) -> None:
        while self._awaited and self._awaited[0].position < position:
            noted = self._awaited.pop(0)
            self.noted.looked_at += 1
            if (found := self.digest()) != noted.digest:
                self.noted.fail(f"{noted} was noted; the streams up to there now have {found}.")

    def id_of(self, record: Record | Recorded[object]) -> tuple[str, UUID]:
        """What no other record may be called."""
        return "" if self.capabilities.ids_across_streams else record.stream, record.event_id

    def see_understood(self, recorded: Recorded[object]) -> None:
        """The record seen last, understood."""
        self.understood.looked_at += 1
        end = self._ends[recorded.stream]
        if (command_id := _command_of(recorded)) != end.command_id:
            end.command_id = command_id
            self._runs.append(_run(recorded))

    def see_mystery(self, record: Record, error: Exception) -> None:
        """The record seen last could not be understood."""
        placed = isinstance(error, Unreadable)
        self.understood.fail(str(error) if placed else f"{record.stream} at revision {record.revision}: {error}")

    def suspects(self) -> tuple[Collection[int], Collection[int]]:
        """Hashes of event ids, and of commands in streams, that came more than once."""
        for check in (self.order, self.revisions, self.seals, self.times, self.event_ids):
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
            run = recorded.stream, _command_of(recorded)
            if run in self._runs and self._last.get(recorded.stream) != run[1]:
                self.audit.commands.fail(f"{place}: command {run[1]} again")
            self._runs.add(run)
        self._last[recorded.stream] = _command_of(recorded)


def _run(recorded: Recorded[object]) -> int:
    return hash((recorded.stream, _command_of(recorded)))


def _command_of(recorded: Recorded[object]) -> UUID:
    """The command that left the event. A parking is no effect of the command whose id it carries, and each is one."""
    if isinstance(recorded.fact, CommandParked | InputParked):
        return recorded.event_id
    return recorded.metadata.command_id


def _doubles(hashes: "array[int]") -> set[int]:
    ordered = sorted(hashes)
    return {one for one, other in pairwise(ordered) if one == other}
