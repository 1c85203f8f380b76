"""A stream taken away as it is stored, and verified without our code."""

import importlib.util
import io
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from commands.ports import NewEvent
from domain.shared.recorded import Metadata
from infra.eventstore.hash_chain import FIRST, seal
from tests.support.fixtures.pages import Browser, data

ROOT = Path(__file__).parents[3]
STREAM = "product-01a228b2-0000-4000-8000-000000000001"
AT = f"/desk/history/{STREAM}"


@pytest.fixture
async def ada(browser: Browser) -> Browser:
    await browser.begin(roles=("staff",))
    return browser


def stored(number: int) -> list[dict[str, Any]]:
    """Events of a stream in a log that has others between them."""
    events, previous = [], FIRST
    for revision in range(number):
        it = UUID(int=revision + 1)
        about = Metadata(command_id=it, correlation_id=it, causation_id=it, actor="staff:ada", reason="ä “why”")
        new = NewEvent(it, "product.published.v1", '{"product_id":"ü"}'.encode(), about)
        metadata, previous = seal(new, STREAM, revision, previous, f"2026-11-24T16:40:0{revision}.000000Z")
        events.append(
            {
                "position": str(10 + 3 * revision),
                "stream": STREAM,
                "revision": revision,
                "eventId": str(it),
                "type": new.type,
                "storedData": new.data.decode(),
                "storedMetadata": metadata.decode(),
            }
        )
    return events


@pytest.fixture(scope="module")
def verifier() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verifier", ROOT / "docs" / "verifier" / "verify.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_evidence_is_verified_without_our_code(ada: Browser, verifier: ModuleType, tmp_path: Path) -> None:
    events = stored(3)
    pages = [{"edges": [{"node": it} for it in part]} for part in (events[:2], events[2:])]
    ada.read.answers(
        "DeskEvidence",
        data(history={**pages[0], "pageInfo": {"hasNextPage": True, "endCursor": "two"}}),
        data(history={**pages[1], "pageInfo": {"hasNextPage": False, "endCursor": "three"}}),
    )
    pack = (await ada.get(f"{AT}/evidence.zip")).response
    assert pack.headers["content-disposition"] == f"attachment; filename*=UTF-8''{STREAM}.zip"
    assert [it.body["variables"]["after"] for it in ada.read.sent] == [None, "two"]  # type: ignore[index]
    file = tmp_path / "evidence.zip"
    file.write_bytes(pack.content)
    proof = verifier.prove(file, 0, [])
    assert (proof.faults, proof.events, proof.position) == ([], 3, 16)
    assert zipfile.ZipFile(io.BytesIO(pack.content)).namelist() == ["manifest.json", "log.jsonl"]


async def test_forged_evidence_is_found(ada: Browser, verifier: ModuleType, tmp_path: Path) -> None:
    events = stored(3)
    events[1]["storedData"] = '{"product_id":"u"}'
    page = {"edges": [{"node": it} for it in events], "pageInfo": {"hasNextPage": False, "endCursor": "three"}}
    ada.read.answers("DeskEvidence", data(history=page))
    file = tmp_path / "evidence.zip"
    file.write_bytes((await ada.get(f"{AT}/evidence.zip")).response.content)
    (fault,) = verifier.prove(file, 0, []).faults
    assert fault == f"position 13, {STREAM} at revision 1: the hash is not that of the record"


async def test_evidence_of_a_stream_that_is_too_long_is_refused(ada: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.back_office.history.MOST_EVIDENCE", 2)
    page = {"edges": [{"node": it} for it in stored(2)], "pageInfo": {"hasNextPage": True, "endCursor": "x"}}
    ada.read.answers("DeskEvidence", data(history=page))
    assert (await ada.get(f"{AT}/evidence.zip")).status == 413
