"""Taking in records of another store, byte for byte."""

from collections.abc import Iterator, Sequence

from commands.ports import Record, StoreError
from infra.eventstore.hash_chain import BrokenSeal, verify
from infra.eventstore.postgres.append_rules import EMPTY, Head


class NotRestorable(StoreError):
    """The records do not follow what the store holds, or are not what was once stored."""


def continued(records: Sequence[Record], heads: dict[str, Head]) -> None:
    """Let heads of streams move on over records that follow them. Raises NotRestorable."""
    for record in records:
        revision, previous = heads.get(record.stream, EMPTY)
        if record.revision != revision + 1:
            raise NotRestorable(f"{record.stream} stands at revision {revision}; {record.revision} cannot follow.")
        try:
            heads[record.stream] = Head(record.revision, verify(record, previous))
        except BrokenSeal as broken:
            raise NotRestorable(str(broken)) from None


def runs(records: Sequence[Record], most: int, size: int) -> Iterator[list[Record]]:
    """Records of one stream that come one after the other, so many and so many bytes at most (but at least one)."""
    run, bytes_in_it = list[Record](), 0
    for record in records:
        weight = len(record.data) + len(record.metadata) + len(record.type)
        if run and (record.stream != run[0].stream or len(run) == most or bytes_in_it + weight > size):
            yield run
            run, bytes_in_it = [], 0
        run.append(record)
        bytes_in_it += weight
    if run:
        yield run
