"""Promotions over HTTP, and a checkout that is decided with them."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.pricing.promotions import PromotionPhase
from domain.promotion.commands import SchedulePromotion
from domain.promotion.events import PromotionScheduled
from domain.shared.ids import PromotionId
from domain.shared.pricing import RuleSource
from tests.support.builders.for_sale import MUG, NOON, by_staff, usd
from tests.support.harness.front_desk import Desk, problem, said
from tests.write_api.test_carts import MUGS, TEAS, cart_of
from tests.write_api.test_checkouts import wish

TENTH = {
    "title": "Winter sale",
    "phase": "order",
    "priority": 1,
    "benefit": {"kind": "percentage", "basis_points": 1_000},
}
NOW = {"zone": "Europe/Zurich"}


@pytest.fixture
async def pricing(shop: Desk) -> httpx.AsyncClient:
    return shop.client("pia", "back_office")


async def begun(pricing: httpx.AsyncClient, **changed: Any) -> str:
    """The id of a promotion that is in force from now on."""
    promotion = (await said(await pricing.post("/promotions", json=TENTH | changed), 201))["promotion_id"]
    await said(await pricing.put(f"/promotions/{promotion}/schedule", json=NOW), 200)
    return str(promotion)


async def buy(anna: httpx.AsyncClient, total: int, **changed: Any) -> httpx.Response:
    cart = await cart_of(anna, MUGS, TEAS)
    return await anna.post("/checkouts", json=wish(cart, total_seen={"amount": total, "currency": "USD"}, **changed))


async def test_local_times_become_instants(shop: Desk, pricing: httpx.AsyncClient) -> None:
    drafted = await pricing.post("/promotions", json=TENTH)
    promotion = (await said(drafted, 201))["promotion_id"]
    assert drafted.headers["Location"] == f"/promotions/{promotion}"
    times = {"zone": "Europe/Zurich", "starts": "2027-03-28T02:30:00", "ends": "2027-10-31T02:30:00"}
    await said(await pricing.put(f"/promotions/{promotion}/schedule", json=times), 200)
    fact = shop.handler.codec.decode_event(shop.store.log[-1]).fact
    assert isinstance(fact, PromotionScheduled)
    assert fact.ends is not None
    assert (fact.zone, fact.starts.isoformat(), fact.ends.isoformat()) == (
        "Europe/Zurich",
        "2027-03-28T01:00:00+00:00",
        "2027-10-31T01:30:00+00:00",
    )


async def test_a_checkout_is_decided_with_the_promotions_in_force(
    shop: Desk, pricing: httpx.AsyncClient, anna: httpx.AsyncClient
) -> None:
    await begun(pricing)
    await begun(pricing, title="Free delivery", phase="shipping", benefit={"kind": "free shipping"})
    await said(await buy(anna, 2_682), 202)
    bought = shop.handler.codec.decode_event(shop.store.log[-1]).fact
    assert [[(it.kind, it.amount, it.reason) for it in line.steps] for line in bought.lines] == [
        [("list", usd(2_500), "2 x 12.50 USD"), ("promotion", usd(-250), "Winter sale")],
        [("list", usd(480), "1 x 4.80 USD"), ("promotion", usd(-48), "Winter sale")],
    ]
    assert [(it.kind, it.amount, it.reason) for it in bought.delivery_steps] == [
        ("list", usd(499), "standard"),
        ("promotion", usd(-499), "Free delivery"),
    ]
    assert bought.lines[0].steps[1].rule == RuleSource(stream="promotion-book", revision=1)
    assert (bought.delivery.price, bought.total) == (usd(0), usd(2_682))


async def test_a_promotion_looks_at_brands_and_categories(pricing: httpx.AsyncClient, anna: httpx.AsyncClient) -> None:
    above = (await said(await pricing.post("/categories", json={"name": "Kitchen"}), 201))["category_id"]
    below = {"name": "Mugs", "parent_id": above}
    mugs = (await said(await pricing.post("/categories", json=below), 201))["category_id"]
    await said(await pricing.put(f"/products/product-of-{MUG}/category", json={"category_id": mugs}), 200)
    await said(await pricing.put(f"/products/product-of-{MUG}/description", json={"brand": "Leaf"}), 200)
    await begun(pricing, phase="line", target={"categories": [above]})
    await begun(pricing, phase="line", priority=2, target={"brands": ["Leaf"]})
    await said(await buy(anna, 2_500 - 250 - 225 + 480 + 499), 202)


async def test_a_promotion_that_ended_between_page_and_click_is_a_conflict_with_the_steps_that_differ(
    shop: Desk, pricing: httpx.AsyncClient, anna: httpx.AsyncClient
) -> None:
    of_mugs = TENTH | {"target": {"products": [f"product-of-{MUG}"]}}
    promotion = PromotionId((await said(await pricing.post("/promotions", json=of_mugs), 201))["promotion_id"])
    earlier = NOON - timedelta(hours=1)
    await shop.handler(
        SchedulePromotion(promotion_id=promotion, zone="UTC", starts=earlier, ends=None, at=earlier), by_staff()
    )
    await said(await pricing.post(f"/promotions/{promotion}/end", json={"reason": "Sold out"}), 200)
    refused = problem(await buy(anna, 2_500 - 250 + 480 + 499, quoted_at=earlier.isoformat()))
    assert (refused["status"], refused["type"]) == (409, "urn:counterfoil:problem:total-changed")
    assert (refused["seen"]["amount"], refused["current"]["amount"]) == (3_229, 3_479)
    listed = {"kind": "list", "amount": {"amount": 2_500, "currency": "USD"}, "reason": "2 x 12.50 USD", "rule": None}
    off = {
        "kind": "promotion",
        "amount": {"amount": -250, "currency": "USD"},
        "reason": "Winter sale",
        "rule": {"stream": "promotion-book", "revision": 1},
    }
    assert refused["changed"] == [{"sku": MUG, "seen": [listed, off], "now": [listed]}]


async def test_a_replacement_takes_over_and_a_scheduled_one_is_not_edited(
    pricing: httpx.AsyncClient, anna: httpx.AsyncClient
) -> None:
    promotion = await begun(pricing)
    half = TENTH | {"benefit": {"kind": "percentage", "basis_points": 5_000}}
    refused = problem(await pricing.put(f"/promotions/{promotion}", json=half))
    assert refused["type"] == "urn:counterfoil:problem:promotion-is-scheduled"
    await said(await pricing.post(f"/promotions/{promotion}/replace", json=half), 201)
    await said(await buy(anna, 1_490 + 499), 202)


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"priority": 0}, ["priority"]),
        ({"benefit": {"kind": "percentage"}}, ["benefit.basis_points"]),
        ({"benefit": {"kind": "lottery"}}, ["benefit.kind"]),
        ({"threshold": {"amount": 100, "currency": "EUR"}}, ["price.currency"]),
        ({"phase": PromotionPhase.SHIPPING.value, "benefit": {"kind": "gift", "get": 1}}, ["benefit.kind"]),
    ],
)
async def test_an_unusable_promotion_names_its_field(
    pricing: httpx.AsyncClient, changed: dict[str, Any], fields: list[str]
) -> None:
    refused = problem(await pricing.post("/promotions", json=TENTH | changed))
    assert (refused["status"], [fault["field"] for fault in refused["errors"]]) == (422, fields)


@pytest.mark.parametrize("times", [{"zone": "Mars/Base"}, {"zone": "UTC", "starts": "2027-01-01T00:00:00Z"}, {}])
async def test_times_are_local_times_of_a_zone(pricing: httpx.AsyncClient, times: dict[str, str]) -> None:
    promotion = (await said(await pricing.post("/promotions", json=TENTH), 201))["promotion_id"]
    assert (await pricing.put(f"/promotions/{promotion}/schedule", json=times)).status_code == 422
