"""A store that is closed under whoever reads."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from eventsourcing.persistence import ApplicationRecorder, Notification
from eventsourcing.sqlite import SQLiteFactory

from commands.ports import ANY, StoreUnavailable
from domain.shared.recorded import START
from infra.eventstore.factory import utc_now
from infra.eventstore.library import LibraryEventStore, Recorders, recorders
from tests.infra.eventstore.making import event


class HeldUp:
    """A recorder whose reader is in the middle of it until the gate opens."""

    def __init__(self, log: ApplicationRecorder) -> None:
        self._log = log
        self.entered, self.gate = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def select_notifications(self, *args: Any, **kwargs: Any) -> Sequence[Notification]:
        self.entered.set()
        self.gate.wait(60)
        return self._log.select_notifications(*args, **kwargs)


async def test_recorders_go_after_the_last_reader_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    env = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": "file:closing?mode=memory&cache=shared"}
    factory, log, claims = recorders(env)
    held_up, gone = HeldUp(log), list[bool]()
    store = LibraryEventStore(Recorders(factory, held_up, claims), utc_now, direct=False, poll=None)  # type: ignore[arg-type]
    await store.append("stock-a", [event()], expected=ANY)
    monkeypatch.setattr(SQLiteFactory, "close", lambda _: gone.append(held_up.gate.is_set()))

    reading = asyncio.create_task(store.read_all(after=START, limit=10))
    await asyncio.to_thread(held_up.entered.wait, 60)
    closing = asyncio.create_task(store.close())
    await asyncio.sleep(0.1)
    held_up.gate.set()
    await closing
    assert gone == [True]
    assert len((await reading).records) == 1
    with pytest.raises(StoreUnavailable):
        await store.head()
