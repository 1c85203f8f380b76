"""What the log already holds of one kind of event, so that a demo goes on where it stopped."""

from collections.abc import AsyncIterator
from typing import TypeVar

from commands.ports import Codec, EventStore
from domain.shared.recorded import START, Recorded

E = TypeVar("E")

PAGE = 5_000


async def recalled(store: EventStore, codec: Codec, kind: type[E]) -> AsyncIterator[Recorded[E]]:
    """All of them, under whichever names they were stored. Raises StoreUnavailable."""
    position, names = START, codec.names_of([kind])
    while True:
        page = await store.read_all(after=position, limit=PAGE, types=names)
        for record in page.records:
            if isinstance((recorded := codec.decode_event(record)).fact, kind):
                yield recorded
        position = page.position
        if len(page.records) < PAGE:
            return
