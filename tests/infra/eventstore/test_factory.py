"""URLs of event stores."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from commands.ports import ANY, NO_STREAM, StoreUnavailable
from infra.eventstore.factory import UnknownStore, open_event_store
from tests.infra.eventstore.making import event, stock, whole_log


async def test_a_shared_store_keeps_its_events_when_it_is_closed(shared_store_url: str) -> None:
    first = (await open_event_store(shared_store_url)).store
    await first.append(stock("a"), [event(), event()], expected=NO_STREAM)
    log = await whole_log(first)
    await first.close()

    second = (await open_event_store(shared_store_url)).store
    assert await whole_log(second) == log
    assert (await second.append(stock("a"), [event()], expected=1)).revision == 2
    await second.close()


async def test_a_closed_store_is_unavailable(shared_store_url: str) -> None:
    store = (await open_event_store(shared_store_url)).store
    await store.append(stock("a"), [event()], expected=NO_STREAM)
    await store.close()

    for call in (store.append(stock("a"), [event()], expected=ANY), store.read(stock("a")), store.head()):
        with pytest.raises(StoreUnavailable):
            await call


async def test_a_file_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="unable to open"):
        await open_event_store(f"sqlite:///{tmp_path}/no/such/folder.db")


async def test_stores_in_memory_are_strangers() -> None:
    first, second = [(await open_event_store("memory://")).store for _ in range(2)]
    await first.append(stock("a"), [event()], expected=NO_STREAM)
    assert await whole_log(second) == []


async def test_a_relative_path_is_taken_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = (await open_event_store("sqlite:///a%20shop.db")).store
    await store.close()
    assert "a shop.db" in os.listdir(tmp_path)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("esdb://localhost:2113", "Username and password are required: esdb://"),
        ("esdb://a:b@localhost:2113?TheAnswer=42", "THEANSWER"),
        ("esdb://localhost:2113?Tls=false&NodePreference=follower", "has to be leader"),
        ("kurrentdb://localhost:2113", "write esdb://"),
        ("mysql://localhost/shop", "no event store"),
        ("events.db", "no event store"),
        ("", "no event store"),
        ("sqlite://", "names no file"),
        ("sqlite:///", "names no file"),
    ],
)
async def test_an_unknown_url_is_answered_with_what_there_is(url: str, reason: str) -> None:
    with pytest.raises(UnknownStore, match=reason):
        await open_event_store(url)


@pytest.mark.parametrize("library", ["eventsourcing", "grpc", "esdbclient"])
def test_who_does_not_use_a_library_does_not_import_it(library: str) -> None:
    """The first changes the dataclasses of the whole process, the others are heavy."""
    code = (
        f"import sys, infra.bootstrap.composition; sys.exit(any(m.split('.')[0] == '{library}' for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
