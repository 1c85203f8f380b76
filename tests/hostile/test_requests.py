"""Whatever is sent to the write API, it answers as its own document says, and nothing of it is our fault."""

from pathlib import Path

from infra.eventstore.factory import open_event_store
from tests.hostile.everything import fill
from tests.hostile.parts import running
from tests.hostile.requests import throw_requests
from tests.support.harness.front_desk import desk

SEED = "--seed=20261125"


async def test_random_requests_are_answered_as_the_document_says(database_url: str, tmp_path: Path) -> None:
    store = (await open_event_store(database_url)).store
    await fill(store)
    await store.close()
    async with running("write-api", database_url, tmp_path) as part:
        code, told = await throw_requests(part, SEED, "--max-examples=5")
    assert code == 0, told[-20_000:]
    operations = sum(map(len, desk().app.openapi()["paths"].values()))
    assert f"Tested: {operations}" in told, told
    assert "request failed" not in part.part.log.read_text()
