"""The disk is full: nobody is told that an event is stored when it is not, and with room again the log goes on."""

import secrets
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from commands.ports import NO_STREAM, StoreUnavailable
from infra.eventstore.factory import utc_now
from infra.eventstore.postgres.store import PostgresEventStore
from infra.postgres.embedded import EmbeddedPostgres
from tests.infra.eventstore.acknowledged import Acknowledged, assert_kept
from tests.infra.eventstore.making import event, whole_log

SIZE, LEFT = "300m", 24 * 2**20
SMALL = {"max_wal_size": "'64MB'", "min_wal_size": "'32MB'", "shared_buffers": "'16MB'"}
MOST = 1000


@pytest.fixture
def server(small_disk: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(small_disk / "data", SMALL)
    yield server
    server.stop()


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of its own, which only root can make."""
    with TemporaryDirectory(prefix="counterfoil-disk-") as folder:
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0711", "tmpfs", folder], capture_output=True, check=False
        )
        if made.returncode != 0:
            why = f"No small file system to fill ({made.stderr.decode().strip()}): run this test as root."
            warnings.warn(why, stacklevel=1)
            pytest.skip(why)
        Path(folder).chmod(0o711)
        yield Path(folder)
        subprocess.run(["umount", "--lazy", folder], check=True)


def _fill(file: Path, size: int) -> None:
    with file.open("wb") as out:
        for _ in range(size // 2**20):
            out.write(bytes(2**20))


async def _write_on_and_on(store: PostgresEventStore, told: list[Acknowledged]) -> None:
    for number in range(MOST):
        new = event(b'{"words":"%s"}' % secrets.token_hex(50_000).encode())
        at = await store.append(f"stock-{number}", [new], expected=NO_STREAM)
        told.append(Acknowledged(at.position, f"stock-{number}", at.revision, (new.event_id,)))


async def test_a_full_disk_makes_the_store_unavailable_and_what_was_told_is_there_when_there_is_room(
    small_disk: Path, server: EmbeddedPostgres
) -> None:
    store = PostgresEventStore(server.start(), utc_now, patience=2.0)
    await store.open()
    told = list[Acknowledged]()
    rest = small_disk / "rest"
    _fill(rest, shutil.disk_usage(small_disk).free - LEFT)
    with pytest.raises(StoreUnavailable):
        await _write_on_and_on(store, told)
    assert len(told) > 10
    await store.close()
    server.stop()

    rest.unlink()
    store = PostgresEventStore(server.start(), utc_now)
    await store.open()
    assert_kept(told, await whole_log(store))
    assert (await store.append("stock-after", [event()], expected=NO_STREAM)).revision == 0
    await store.close()
