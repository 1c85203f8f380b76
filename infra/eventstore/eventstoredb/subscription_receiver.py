"""A subscription at the server, received by a task of its own on a connection of its own."""

import asyncio
from collections import deque
from collections.abc import Collection
from contextlib import suppress

from esdbclient import RecordedEvent

from commands.ports import StoreError
from domain.shared.recorded import START, Position
from infra.eventstore.eventstoredb.client import Client
from infra.eventstore.eventstoredb.errors import TRY_AGAIN, final, reason
from infra.eventstore.eventstoredb.reading import filtered


class SubscriptionReceiver:
    """What the server sends behind a position, as it comes; at most `room` events wait here for a reader.

    An iteration of the library cannot have a time limit: it swallows the cancellation and ends the subscription. So a
    task does nothing but receive, and callers wait for the task.
    """

    def __init__(self, uri: str, after: Position, types: Collection[str] | None, room: int) -> None:
        self.position = after
        self.confirmed = self.live = self.ended = False
        self.trouble = "the connection was closed"
        self.refusal: StoreError | None = None
        self._room = room
        self._events = deque[RecordedEvent]()
        self._something, self._taken = asyncio.Event(), asyncio.Event()
        self._task = asyncio.create_task(self._run(uri, after, types))

    def take(self, most: int) -> list[RecordedEvent]:
        """What has come, events and checkpoints, oldest first."""
        taken = [self._events.popleft() for _ in range(min(most, len(self._events)))]
        self._taken.set()
        return taken

    def __len__(self) -> int:
        return len(self._events)

    def wake(self) -> None:
        """Wake the waiting reader."""
        self._something.set()

    async def something(self, seconds: float) -> bool:
        """Wait for anything new, at most so long."""
        self._something.clear()
        if not self._events and not self.ended:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._something.wait()
        return self._something.is_set() or bool(self._events)

    async def close(self) -> None:
        self._task.cancel()
        self._taken.set()
        await asyncio.wait([self._task], timeout=1)

    async def _run(self, uri: str, after: Position, types: Collection[str] | None) -> None:
        client = Client(uri)
        try:
            await client.connect()
            await self._receive(client, after, types)
        except TRY_AGAIN as error:
            self.trouble, self.refusal = reason(error), final(error)
        finally:
            self.ended = True
            self.wake()
            with suppress(*TRY_AGAIN, AttributeError):  # it may not have come to a connection
                await client.close()

    async def _receive(self, client: Client, after: Position, types: Collection[str] | None) -> None:
        start = None if after == START else after
        subscription = await client.subscribe_to_all(
            commit_position=start, include_checkpoints=True, include_caught_up=True, **filtered(types)
        )
        async with subscription:
            self.confirmed = True
            async for event in subscription:
                if event.is_caught_up:
                    self.live = True
                    continue
                while len(self._events) >= self._room:
                    self._taken.clear()
                    await self._taken.wait()
                self.position = max(self.position, Position(event.commit_position or START))
                self._events.append(event)
                self.wake()
