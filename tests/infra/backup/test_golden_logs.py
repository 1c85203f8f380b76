"""A shop of any version lives on in this one."""

from importlib.metadata import version
from pathlib import Path

import pytest

from infra.backup.archive import reading
from infra.backup.restoring import restore
from infra.eventstore.factory import open_event_store
from infra.projections.run import build_all
from infra.security.wrapping import WrappingKeys
from infra.serialization.codec import JsonCodec
from infra.serialization.upcasters import UPCASTERS
from projections.registry import PROJECTIONS
from tests.support.builders.auditing import failed, verdict
from tests.support.builders.golden_logs import golden_logs


@pytest.mark.parametrize("path", golden_logs(), ids=lambda path: path.stem)
async def test_a_log_of_any_version_is_restored_replayed_and_proven(
    database_url: str, path: Path, wrapping: WrappingKeys
) -> None:
    with reading(path) as backup:
        backup.verify()
        await restore(backup, database_url, database_url, wrapping, lambda _done, _at, _head: None)
        told = backup.manifest
    store = (await open_event_store(database_url)).store
    await build_all(database_url, store, JsonCodec(UPCASTERS), PROJECTIONS)
    found = await verdict(database_url, store, PROJECTIONS)
    await store.close()
    assert failed(found) == {}
    assert (found.events, found.head) == (told.events, told.events)


def test_this_version_has_a_golden_log() -> None:
    """Missing? `python -m tests.support.builders.golden_logs` writes it; commit it with the release."""
    assert version("counterfoil") in {path.stem for path in golden_logs()}
