"""The projections that come with the server: links by category, by type, and to the first of each stream."""

import json
from collections.abc import Callable
from uuid import uuid4

from .log import Log
from .record import DELETED, LINK, Proposed, Record

Output = tuple[str, str, str]
"""The stream that something is written to, its type and its data."""


def category_of(stream: str) -> str | None:
    """The text before the first dash. Streams of the system have none."""
    head, dash, _ = stream.partition("-")
    return head if dash and head and not stream.startswith("$") else None


def _target(record: Record) -> str:
    return record.data.decode() if record.type == LINK else f"{record.revision}@{record.stream}"


def by_category(record: Record) -> Output | None:
    category = category_of(record.stream)
    return (f"$ce-{category}", LINK, _target(record)) if category else None


def by_event_type(record: Record) -> Output | None:
    if record.type == LINK:
        return None
    type = "$deleted" if record.revision == DELETED else record.type
    return f"$et-{type}", LINK, f"{record.revision}@{record.stream}"


def streams(record: Record) -> Output | None:
    return ("$streams", LINK, f"0@{record.stream}") if record.revision == 0 else None


def stream_by_category(record: Record) -> Output | None:
    category = category_of(record.stream) if record.revision == 0 else None
    return (f"$category-{category}", "$@", record.stream) if category else None


STANDARD: dict[str, Callable[[Record], Output | None]] = {
    "$by_category": by_category,
    "$by_event_type": by_event_type,
    "$streams": streams,
    "$stream_by_category": stream_by_category,
}


class Emitter:
    """Writes what a standard projection says of each record, once: it finds its place in what it wrote."""

    def __init__(self, log: Log, name: str) -> None:
        self._log, self._name, self._project = log, name, STANDARD[name]
        self.index = 0
        for record in log.records:
            if record.metadata and record.stream.startswith("$"):
                self._recall(record)

    def _recall(self, record: Record) -> None:
        try:
            said = json.loads(record.metadata)
        except ValueError:
            return
        if isinstance(said, dict) and said.get("$projection") == self._name:
            self.index = max(self.index, (self._log.index_of(said["$c"]) or 0) + 1)

    def run(self) -> int:
        """Goes on to the end of the log; answers how many records it has seen."""
        start = self.index
        while self.index < len(self._log.records):
            record = self._log.records[self.index]
            self.index += 1
            if record.stream.startswith(("$ce-", "$et-", "$streams", "$category-", "$projections-", "$epoch-")):
                continue
            if output := self._project(record):
                self._emit(record, *output)
        return self.index - start

    def _emit(self, record: Record, stream: str, type: str, data: str) -> None:
        said = {
            "$projection": self._name,
            "$c": record.position,
            "$p": record.position,
            "$o": record.stream,
            "$causedBy": str(record.id),
        }
        link = Proposed(id=uuid4(), type=type, data=data.encode(), metadata=json.dumps(said).encode(), is_json=False)
        self._log.write(stream, [link])
