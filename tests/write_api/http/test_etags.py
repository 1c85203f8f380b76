"""Who changes a thing can say which state of it they mean, and nobody's change is lost unseen."""

import asyncio

import httpx
import pytest

from tests.support.builders.for_sale import MUG, product_id
from tests.support.fixtures.memory import RECORDED_AT
from tests.support.harness.front_desk import Desk, desk, problem, said

PAGE = f"/products/{product_id(MUG)}"
FAILED = "urn:counterfoil:problem:precondition-failed"


async def test_an_answer_names_the_revision_that_it_made(olga: httpx.AsyncClient) -> None:
    first = await olga.put(f"{PAGE}/description", json={"title": "A cup"})
    assert first.headers["ETag"] == f'"{first.json()["revision"]}"'


async def test_of_two_changes_of_the_same_state_the_second_is_refused(shop: Desk, olga: httpx.AsyncClient) -> None:
    etag = (await olga.put(f"{PAGE}/description", json={"title": "A cup"})).headers["ETag"]
    headers = {"If-Match": etag}
    both = [await olga.put(f"{PAGE}/description", json={"title": title}, headers=headers) for title in ("One", "Two")]

    assert [answer.status_code for answer in both] == [200, 412]
    refusal = problem(both[1])
    assert (refusal["type"], refusal["revision"]) == (FAILED, both[0].json()["revision"])
    assert refusal["errors"][0]["field"] == "If-Match"
    assert (refusal["changed_by"], refusal["changed_at"]) == (
        "staff:olga",
        RECORDED_AT.isoformat().replace("+00:00", "Z"),
    )
    described = [record.data for record in shop.store.log if record.type == "product.described.v1"]
    assert len(described) == 2
    again = {"If-Match": f'"{refusal["revision"]}"'}
    await said(await olga.put(f"{PAGE}/description", json={"title": "Two"}, headers=again), 200)


async def test_of_many_changes_at_once_one_is_carried_out(shop: Desk) -> None:
    there = desk(shop.store)
    async with shop.client("olga", "back_office") as one, there.client("olga", "back_office") as other:
        etag = (await one.put(f"{PAGE}/description", json={"title": "A cup"})).headers["ETag"]

        async def slowly() -> None:
            await asyncio.sleep(0)

        shop.store.turn = slowly
        answers = await asyncio.gather(
            *(
                (one, other)[n % 2].put(f"{PAGE}/description", json={"title": f"{n}"}, headers={"If-Match": etag})
                for n in range(20)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 19


async def test_a_change_that_says_what_is_so_already_is_refused_too_when_the_thing_has_moved_on(
    olga: httpx.AsyncClient,
) -> None:
    etag = (await olga.put("/stock/MAIN/MUG/backorder-limit", json={"limit": 5})).headers["ETag"]
    await said(await olga.put("/stock/MAIN/MUG/backorder-limit", json={"limit": 6}), 200)
    late = await olga.put("/stock/MAIN/MUG/backorder-limit", json={"limit": 6}, headers={"If-Match": etag})
    assert late.status_code == 412


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        ("*", 200),
        ('"{0}"', 200),
        ('"7000", "{0}"', 200),
        ('W/"{0}"', 412),
        ('"7000"', 412),
        ('"of-another,kind"', 412),
        ('"{0}","7000"', 200),
        ("{0}", 400),
        ('"{0}', 400),
    ],
)
async def test_what_an_if_match_means(olga: httpx.AsyncClient, if_match: str, status: int) -> None:
    now = (await olga.put(f"{PAGE}/description", json={"title": "A cup"})).json()["revision"]
    headers = {"If-Match": if_match.format(now)}
    answer = await olga.put(f"{PAGE}/description", json={"title": "Two"}, headers=headers)
    assert answer.status_code == status, answer.text


async def test_a_repeat_gets_the_first_answer_though_the_thing_has_moved_on(shop: Desk) -> None:
    async with shop.client("olga", "back_office") as olga:
        etag = (await olga.put(f"{PAGE}/description", json={"title": "A cup"})).headers["ETag"]
        headers = {"If-Match": etag, "Idempotency-Key": "once"}
        first = await olga.put(f"{PAGE}/description", json={"title": "Two"}, headers=headers)
    async with desk(shop.store).client("olga", "back_office") as restarted:
        again = await restarted.put(f"{PAGE}/description", json={"title": "Two"}, headers=headers)
    assert (first.status_code, again.status_code, again.text) == (200, 200, first.text)


async def test_shoppers_may_say_it_too(anna: httpx.AsyncClient) -> None:
    opened = await said(await anna.post("/carts", json={"items": [{"sku": "MUG", "quantity": 1}]}), 201)
    items = f"/carts/{opened['cart_id']}/items"
    headers = {"If-Match": f'"{opened["revision"]}"'}
    more = {"items": [{"sku": "MUG", "quantity": 1}]}
    assert (await anna.post(items, json=more, headers=headers)).status_code == 200
    refused = problem(await anna.post(items, json=more, headers=headers))
    assert (refused["status"], "changed_by" in refused, "changed_at" in refused) == (412, False, True)
    assert (await anna.delete(f"{items}/MUG", headers=headers)).status_code == 412


async def test_a_variant_is_added_under_a_claim_that_no_if_match_is_about(olga: httpx.AsyncClient) -> None:
    etag = (await olga.put(f"{PAGE}/description", json={"title": "A cup"})).headers["ETag"]
    new = {"sku": "MUG-L", "options": {"size": "L"}}
    answer = await olga.post(f"{PAGE}/variants", json=new, headers={"If-Match": etag})
    assert answer.status_code == 201, answer.text


async def test_a_repeat_with_an_if_match_that_is_none_is_refused(anna: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "k"}
    assert (await anna.post("/carts", json={}, headers=key)).status_code == 201
    refusal = problem(await anna.post("/carts", json={}, headers={**key, "If-Match": "{}"}))
    assert (refusal["status"], refusal["type"]) == (400, "urn:counterfoil:problem:unusable-e-tag")
