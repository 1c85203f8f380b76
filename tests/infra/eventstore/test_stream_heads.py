"""What one process knows of streams of EventStoreDB is bounded by the number of their events."""

from uuid import UUID

import pytest

from commands.ports import Record
from domain.shared.recorded import Position
from infra.eventstore.eventstoredb.stream_heads import StreamHeads

METADATA = b'{"recorded_at": "2026-01-05T09:00:00.000000+00:00", "hash": "00"}'


def records(stream: str, *revisions: int) -> list[Record]:
    return [
        Record(Position(n), stream, n, UUID(int=(ord(stream) << 32) + n), "event.v1", b"{}", METADATA)
        for n in revisions
    ]


@pytest.fixture
def heads(monkeypatch: pytest.MonkeyPatch) -> StreamHeads:
    monkeypatch.setattr("infra.eventstore.eventstoredb.stream_heads.LOOK_BACK", 3)
    return StreamHeads(kept=10)


def known(heads: StreamHeads) -> dict[str, int]:
    """Streams and how many events are known of each; looking changes no order, as it looks at all of them in order."""
    found = {stream: heads.get(stream) for stream in "abc"}
    return {stream: len(head.revisions) for stream, head in found.items() if head is not None}


def test_the_stream_met_longest_ago_is_forgotten_first(heads: StreamHeads) -> None:
    for stream in "abc":
        heads.learn(stream, records(stream, 0, 1, 2))
    assert known(heads) == {"a": 3, "b": 3, "c": 3}
    heads.get("a")
    heads.learn("b", records("b", 3, 4))
    assert known(heads) == {"a": 3, "b": 5}


def test_a_stream_that_grows_is_counted_anew_and_cut_down(heads: StreamHeads) -> None:
    heads.learn("a", records("a", 0, 1, 2, 3, 4))
    heads.learn("b", records("b", 0, 1, 2, 3, 4))
    assert known(heads) == {"a": 5, "b": 5}
    heads.learn("a", records("a", 5))
    assert known(heads) == {"a": 3, "b": 5}
    heads.learn("c", records("c", 0, 1))
    assert known(heads) == {"a": 3, "b": 5, "c": 2}
    heads.learn("c", records("c", 2))
    assert known(heads) == {"b": 5, "c": 3}
