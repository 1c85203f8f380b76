"""May this be written? The checks of the real server, in its order, and what it writes then."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from .log import Log
from .record import ANY, DELETED, EXISTS, METADATA, NO_STREAM, Proposed, is_metastream, metastream_of


class WrongExpectedVersion(Exception):
    """The stream is not where the client thought."""

    def __init__(self, current: int) -> None:
        self.current = current


class StreamDeleted(Exception):
    """The stream is buried, or must exist and was deleted softly."""


@dataclass(frozen=True, slots=True)
class Written:
    """Where an append, or the same append before it, ended."""

    last_revision: int
    position: int | None


def append(log: Log, stream: str, expected: int, events: Sequence[Proposed]) -> Written:
    again = _check(log, stream, expected, [event.id for event in events])
    if again is not None:
        return again
    soft_deleted = log.metadata_of(stream).soft_deleted
    buried = is_metastream(stream) and stream[2:] in log.tombstones
    undelete_original = is_metastream(stream) and not buried and log.metadata_of(stream[2:]).soft_deleted
    current = log.last_written(stream)
    if not events:
        return Written(current, None)
    written = log.write(stream, events)
    if soft_deleted:
        _undelete(log, stream, current + 1)
    if undelete_original:
        _undelete(log, stream[2:], log.last_revision(stream[2:]) + 1)
    return Written(written[-1].revision, written[-1].position)


def delete(log: Log, stream: str, expected: int) -> int:
    """Deletes softly: the metadata say that everything so far is truncated. Answers the position of that."""
    event_id = uuid4()
    _check(log, stream, expected, [event_id])
    metastream = metastream_of(stream)
    if log.last_revision(stream) < 0 and log.last_revision(metastream) < 0:
        raise WrongExpectedVersion(NO_STREAM)
    data = json.dumps({"$tb": DELETED}).encode()
    return log.write(metastream, [Proposed(id=event_id, type=METADATA, data=data)])[0].position


def tombstone(log: Log, stream: str, expected: int) -> int:
    event_id = uuid4()
    _check(log, stream, expected, [event_id])
    return log.bury(stream, event_id).position


def _check(log: Log, stream: str, expected: int, ids: Sequence[UUID]) -> Written | None:
    """None: go on. Else the answer that the same append had before."""
    current = log.last_written(stream)
    if current == DELETED:
        raise StreamDeleted
    if expected == EXISTS:
        if log.metadata_of(stream).soft_deleted:
            raise StreamDeleted
        if current < 0 and log.last_revision(metastream_of(stream)) < 0:
            raise WrongExpectedVersion(current)
    if expected in (ANY, EXISTS):
        return _written_lately(log, stream, current, ids)
    if expected > current:
        raise WrongExpectedVersion(current)
    if expected < current:
        return _written_here(log, stream, expected, current, ids)
    return None


def _written_lately(log: Log, stream: str, current: int, ids: Sequence[UUID]) -> Written | None:
    last = None
    for number, event_id in enumerate(ids):
        where, revision = log.recent_ids.get(event_id, ("", 0))
        if where != stream:
            if number == 0:
                return None
            raise WrongExpectedVersion(current)
        last = revision
    return None if last is None else _found(log, stream, last)


def _written_here(log: Log, stream: str, expected: int, current: int, ids: Sequence[UUID]) -> Written | None:
    written, revision = log.streams[stream], expected
    for event_id in ids:
        revision += 1
        if revision <= current and written[revision].id == event_id:
            continue
        if revision == expected + 1 and expected == NO_STREAM and log.metadata_of(stream).soft_deleted:
            return None
        raise WrongExpectedVersion(current)
    if not ids:
        raise WrongExpectedVersion(current)
    return _found(log, stream, revision)


def _found(log: Log, stream: str, revision: int) -> Written:
    record = log.read_event(stream, revision)
    return Written(revision, record.position if record else None)


def _undelete(log: Log, stream: str, recreate_from: int) -> None:
    try:
        said = json.loads(log.raw_metadata_of(stream))
        said["$tb"] = recreate_from
    except (ValueError, TypeError):
        return
    log.write(metastream_of(stream), [Proposed(id=uuid4(), type=METADATA, data=json.dumps(said).encode())])
