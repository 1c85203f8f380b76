"""Read models are rebuilt by request, and the log says by whom and why."""

import httpx

from commands.ports import NO_STREAM
from tests.support.harness.front_desk import Desk, problem, said
from write_api.http.idempotency import Answers

WHY = {"reason": "Orders were missing"}


def requests(shop: Desk) -> int:
    return sum(name == "read_model.rebuild_requested.v1" for _, name in shop.stored)


async def test_a_rebuild_is_recorded_and_begun(shop: Desk, olga: httpx.AsyncClient) -> None:
    await said(await olga.post("/read-models/orders/rebuild", json=WHY), 202)
    (record,) = await shop.store.read("read-model-orders", after=NO_STREAM)
    recorded = shop.handler.codec.decode_event(record)
    assert (record.type, recorded.fact.reason, recorded.actor) == (
        "read_model.rebuild_requested.v1",
        "Orders were missing",
        "staff:olga",
    )
    assert shop.read_models.begun == [("orders", recorded.metadata.command_id)]


async def test_a_repeated_request_goes_on_with_its_own_rebuild(shop: Desk, olga: httpx.AsyncClient) -> None:
    """As after a crash between the record and the build, when no answer was kept."""
    key = {"Idempotency-Key": "once"}
    first = await said(await olga.post("/read-models/orders/rebuild", json=WHY, headers=key), 202)
    shop.app.state.answers = Answers(10)
    assert await said(await olga.post("/read-models/orders/rebuild", json=WHY, headers=key), 202) == first
    assert requests(shop) == 1
    assert len({request for _, request in shop.read_models.begun}) == 1


async def test_what_cannot_be_rebuilt_is_refused_and_not_recorded(
    shop: Desk, olga: httpx.AsyncClient, anna: httpx.AsyncClient
) -> None:
    assert (await anna.post("/read-models/orders/rebuild", json=WHY)).status_code == 403
    unknown = await olga.post("/read-models/ordres/rebuild", json=WHY)
    assert (unknown.status_code, problem(unknown)["type"]) == (404, "urn:counterfoil:problem:unknown-read-model")
    assert (await olga.post("/read-models/orders/rebuild", json={"reason": ""})).status_code == 422
    assert requests(shop) == 0
    await said(await olga.post("/read-models/orders/rebuild", json=WHY), 202)
    again = await olga.post("/read-models/orders/rebuild", json=WHY)
    assert (again.status_code, problem(again)["type"]) == (409, "urn:counterfoil:problem:rebuild-under-way")
    assert requests(shop) == 1
