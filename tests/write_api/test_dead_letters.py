"""A dead letter is sent again by the back office, and the log says by whom and why."""

from uuid import UUID

import httpx
import pytest

from domain.publication.commands import RequestPublication
from domain.publication.events import PublicationRequested
from tests.support.harness.front_desk import Desk, desk, problem, said

EVENT = UUID(int=77)
PATH, WHY = f"/dead-letters/{EVENT}/resend", {"reason": "The new version can read it"}


def requested(shop: Desk) -> int:
    return shop.stored.count((f"publication-{EVENT}", "publication.requested.v1"))


@pytest.fixture
def letters(shop: Desk) -> dict[UUID, RequestPublication]:
    waiting = RequestPublication(event_id=EVENT, stream="stock-MUG@MAIN", revision=3, asked=0)
    shop.dead_letters.letters[EVENT] = waiting
    return shop.dead_letters.letters


@pytest.mark.usefixtures("letters")
async def test_a_dead_letter_is_sent_again_for_a_reason(shop: Desk, olga: httpx.AsyncClient) -> None:
    await said(await olga.post(PATH, json=WHY), 202)
    (record,) = await shop.store.read(f"publication-{EVENT}")
    recorded = shop.handler.codec.decode_event(record)
    assert (recorded.fact, recorded.actor, recorded.reason) == (
        PublicationRequested(event_id=EVENT, stream="stock-MUG@MAIN", revision=3),
        "staff:olga",
        WHY["reason"],
    )


async def test_a_letter_that_was_sent_again_is_not_sent_twice_and_one_that_came_back_once_more(
    shop: Desk, olga: httpx.AsyncClient, letters: dict[UUID, RequestPublication]
) -> None:
    await said(await olga.post(PATH, json=WHY), 202)
    await said(await olga.post(PATH, json=WHY), 202)
    assert requested(shop) == 1
    letters[EVENT] = RequestPublication(event_id=EVENT, stream="stock-MUG@MAIN", revision=3, asked=1)
    await said(await olga.post(PATH, json=WHY), 202)
    assert requested(shop) == 2


@pytest.mark.usefixtures("letters")
async def test_a_repeated_request_changes_nothing(shop: Desk, olga: httpx.AsyncClient) -> None:
    """Also at another process, and when the letter has come back meanwhile."""
    key = {"Idempotency-Key": "once"}
    first = await said(await olga.post(PATH, json=WHY, headers=key), 202)
    there = desk(shop.store)
    there.dead_letters.letters[EVENT] = RequestPublication(event_id=EVENT, stream="stock-MUG@MAIN", revision=3, asked=1)
    async with there.client("olga", "back_office") as again:
        assert await said(await again.post(PATH, json=WHY, headers=key), 202) == first
        other = await again.post(PATH, json={"reason": "Something else"}, headers=key)
    assert (other.status_code, problem(other)["type"]) == (422, "urn:counterfoil:problem:command-id-reused")
    assert requested(shop) == 1


@pytest.mark.usefixtures("letters")
async def test_what_cannot_be_sent_again_is_refused(
    shop: Desk, olga: httpx.AsyncClient, anna: httpx.AsyncClient
) -> None:
    assert (await anna.post(PATH, json=WHY)).status_code == 403
    unknown = await olga.post(f"/dead-letters/{UUID(int=1)}/resend", json=WHY)
    assert (unknown.status_code, problem(unknown)["type"]) == (404, "urn:counterfoil:problem:dead-letter-not-found")
    misspelt = await olga.post("/dead-letters/77/resend", json=WHY)
    assert (misspelt.status_code, problem(misspelt)["errors"][0]["field"]) == (422, "event_id")
    for reason in ("", "ask a@b.example", "x" * 201):
        refused = await olga.post(PATH, json={"reason": reason})
        assert (refused.status_code, problem(refused)["errors"][0]["field"]) == (422, "reason")
    assert (await olga.post(PATH)).status_code == 422
    assert requested(shop) == 0
