"""Promotions as shoppers see them in their carts, and as staff who set prices do."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.pricing.promotions import Benefit, BenefitKind, Promotion, PromotionPhase, Target
from domain.promotion.events import PromotionDrafted, PromotionEnded, PromotionScheduled
from domain.shared.ids import CategoryId, PromotionId
from domain.shared.money import Money
from tests.read_api.test_orders import ANNA
from tests.support.builders.catalogue import category, on_sale
from tests.support.builders.purchases import a_cart
from tests.support.harness.read_side import LATER, ReadSide, token

PIA = token("pia", "back_office")
BOOK = "promotion-book"
TENTH = Promotion(
    promotion_id=PromotionId("tenth"),
    title="Winter sale",
    phase=PromotionPhase.LINE,
    priority=1,
    benefit=Benefit(kind=BenefitKind.PERCENTAGE, basis_points=1_000),
)
FREE = Promotion(
    promotion_id=PromotionId("free"),
    title="Free delivery",
    phase=PromotionPhase.SHIPPING,
    priority=1,
    benefit=Benefit(kind=BenefitKind.FREE_SHIPPING, methods=("standard",)),
    threshold=Money(300, "USD"),
)
CART = """query ($id: ID!) { cart(id: $id) { quotedAt total { amount }
    lines { sku total { amount } priceSteps { kind amount { amount } reason rule { stream revision } } }
    discounts { reason amount { amount } rule { revision } } } }"""
METHODS = """query ($id: ID!) { deliveryMethods(cart: $id) {
    method price { amount } total { amount } priceSteps { kind amount { amount } reason } } }"""


def begun(shop: ReadSide, promotion: Promotion) -> None:
    scheduled = PromotionScheduled(
        promotion_id=promotion.promotion_id, zone="UTC", starts=LATER - timedelta(hours=1), ends=None, at=LATER
    )
    shop.log.tell(PromotionDrafted(promotion=promotion), scheduled, stream=BOOK)


def amounts(lines: list[dict[str, Any]]) -> list[list[int]]:
    return [[step["amount"]["amount"] for step in line["priceSteps"]] for line in lines]


async def test_a_cart_shows_what_promotions_take_off_and_why(shop: ReadSide) -> None:
    a_cart(shop.log)
    begun(shop, TENTH)
    await shop.catch_up()
    cart = (await shop.ask(CART, id="C1", token=ANNA))["cart"]
    rule = {"stream": BOOK, "revision": 1}
    assert cart["lines"] == [
        {
            "sku": "MILK-1",
            "total": {"amount": 178},
            "priceSteps": [
                {"kind": "list", "amount": {"amount": 198}, "reason": "2 x 0.99 USD", "rule": None},
                {"kind": "promotion", "amount": {"amount": -20}, "reason": "Winter sale", "rule": rule},
            ],
        },
        {
            "sku": "BREAD-1",
            "total": {"amount": 200},
            "priceSteps": [
                {"kind": "list", "amount": {"amount": 250}, "reason": "1 x 2.50 USD", "rule": None},
                {"kind": "agreed", "amount": {"amount": -50}, "reason": "day-old", "rule": None},
            ],
        },
    ]
    assert cart["total"] == {"amount": 378}
    assert cart["discounts"] == [{"reason": "Winter sale", "amount": {"amount": -20}, "rule": {"revision": 1}}]
    assert cart["quotedAt"] == LATER.isoformat()


async def test_a_delivery_shows_its_promotions_and_makes_the_total_that_a_checkout_asks_for(shop: ReadSide) -> None:
    a_cart(shop.log)
    begun(shop, FREE)
    await shop.catch_up()
    standard, express, _ = (await shop.ask(METHODS, id="C1", token=ANNA))["deliveryMethods"]
    assert standard == {
        "method": "standard",
        "price": {"amount": 0},
        "total": {"amount": 398},
        "priceSteps": [
            {"kind": "list", "amount": {"amount": 499}, "reason": "standard"},
            {"kind": "promotion", "amount": {"amount": -499}, "reason": "Free delivery"},
        ],
    }
    assert (express["price"], express["total"]) == ({"amount": 999}, {"amount": 1397})


async def test_promotions_look_at_brands_and_categories_above(shop: ReadSide) -> None:
    category(shop.log, "Food")
    category(shop.log, "Dairy", "Food")
    on_sale(shop.log, "MILK", 99, title="Whole milk", brand="Alp", category="DAIRY")
    a_cart(shop.log)
    begun(shop, replace(TENTH, target=Target(categories=(CategoryId("FOOD"),))))
    begun(shop, replace(TENTH, promotion_id=PromotionId("alp"), priority=2, target=Target(brands=("Alp",))))
    await shop.catch_up()
    cart = (await shop.ask(CART, id="C1", token=ANNA))["cart"]
    assert amounts(cart["lines"]) == [[198, -20, -18], [250, -50]]


async def test_a_promotion_that_has_ended_is_gone_from_the_cart(shop: ReadSide) -> None:
    a_cart(shop.log)
    begun(shop, TENTH)
    await shop.catch_up()
    assert (await shop.ask(CART, id="C1", token=ANNA))["cart"]["total"] == {"amount": 378}
    shop.log.tell(PromotionEnded(promotion_id=TENTH.promotion_id, reason="sold out", at=LATER), stream=BOOK)
    await shop.catch_up()
    assert (await shop.ask(CART, id="C1", token=ANNA))["cart"]["total"] == {"amount": 398}


LIST = """query ($status: PromotionStatus, $first: Int, $after: String) {
    promotions(status: $status, first: $first, after: $after) { pageInfo { hasNextPage endCursor } edges { node {
        promotionId title phase priority exclusive status zone starts ends revision threshold { amount }
        target { products categories brands } benefit { kind basisPoints methods } } } } }"""
PREVIEW = """{ promotions(status: DRAFT) { edges { node { preview(cart: "C1") {
    total { amount } discounts { reason amount { amount } } } } } } }"""


async def test_staff_who_set_prices_list_promotions_and_try_a_draft_on_a_cart(shop: ReadSide) -> None:
    a_cart(shop.log)
    begun(shop, TENTH)
    shop.log.tell(PromotionDrafted(promotion=replace(TENTH, promotion_id=PromotionId("more"), priority=2)), stream=BOOK)
    await shop.catch_up()
    first = (await shop.ask(LIST, first=1, token=PIA))["promotions"]
    assert [edge["node"]["promotionId"] for edge in first["edges"]] == ["more"]
    rest = (await shop.ask(LIST, after=first["pageInfo"]["endCursor"], token=PIA))["promotions"]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    assert [edge["node"] for edge in rest["edges"]] == [
        {
            "promotionId": "tenth",
            "title": "Winter sale",
            "phase": "LINE",
            "priority": 1,
            "exclusive": False,
            "status": "IN_FORCE",
            "zone": "UTC",
            "starts": (LATER - timedelta(hours=1)).isoformat(),
            "ends": None,
            "revision": 1,
            "threshold": None,
            "target": {"products": [], "categories": [], "brands": []},
            "benefit": {"kind": "PERCENTAGE", "basisPoints": 1000, "methods": []},
        }
    ]
    (edge,) = (await shop.ask(PREVIEW, token=PIA))["promotions"]["edges"]
    assert edge["node"]["preview"] == {
        "total": {"amount": 360},
        "discounts": [
            {"reason": "Winter sale", "amount": {"amount": -20}},
            {"reason": "Winter sale", "amount": {"amount": -18}},
        ],
    }
    assert (await shop.ask(CART, id="C1", token=ANNA))["cart"]["total"] == {"amount": 378}


TRIAL = """query ($id: ID!, $items: [TrialItem!]!) { promotion(id: $id) { status trial(items: $items) {
    lines { sku title quantity total { amount } priceSteps { amount { amount } reason } } total { amount }
    discounts { reason amount { amount } } deliveryMethods { method total { amount } } withoutPrice } } }"""


async def tried(shop: ReadSide, it: str, *items: tuple[str, int]) -> Any:
    wanted = [{"sku": sku, "quantity": quantity} for sku, quantity in items]
    return (await shop.ask(TRIAL, id=it, items=wanted, token=PIA))["promotion"]


async def test_a_draft_is_tried_on_goods_that_are_in_no_cart(shop: ReadSide) -> None:
    on_sale(shop.log, "MILK", 99, title="Whole milk", brand="Alp")
    on_sale(shop.log, "BREAD", 250, title="Bread")
    begun(shop, replace(TENTH, target=Target(brands=("Alp",))))
    shop.log.tell(PromotionDrafted(promotion=FREE), stream=BOOK)
    await shop.catch_up()
    trial = await tried(shop, "free", ("MILK-1", 1), ("BREAD-1", 1), ("MILK-1", 1), ("NONE", 1))
    assert trial["status"] == "DRAFT"
    assert trial["trial"]["lines"] == [
        {
            "sku": "MILK-1",
            "title": "Whole milk",
            "quantity": 2,
            "total": {"amount": 178},
            "priceSteps": [
                {"amount": {"amount": 198}, "reason": "2 x 0.99 USD"},
                {"amount": {"amount": -20}, "reason": "Winter sale"},
            ],
        },
        {
            "sku": "BREAD-1",
            "title": "Bread",
            "quantity": 1,
            "total": {"amount": 250},
            "priceSteps": [{"amount": {"amount": 250}, "reason": "1 x 2.50 USD"}],
        },
    ]
    assert trial["trial"]["total"] == {"amount": 428}
    assert trial["trial"]["discounts"] == [{"reason": "Winter sale", "amount": {"amount": -20}}]
    assert trial["trial"]["deliveryMethods"][0] == {"method": "standard", "total": {"amount": 428}}
    assert trial["trial"]["withoutPrice"] == ["NONE"]


async def test_a_promotion_in_force_is_not_taken_twice_in_its_trial(shop: ReadSide) -> None:
    on_sale(shop.log, "MILK", 100, title="Whole milk")
    begun(shop, TENTH)
    await shop.catch_up()
    assert (await tried(shop, "tenth", ("MILK-1", 1)))["trial"]["total"] == {"amount": 90}
    assert (await tried(shop, "tenth", ("NONE", 1)))["trial"] is None
    assert await tried(shop, "unknown", ("MILK-1", 1)) is None


@pytest.mark.parametrize("items", [[], [("MILK-1", 0)], [("MILK-1", 10_001)], [("MILK-1", 1)] * 21])
async def test_a_trial_has_bounds(shop: ReadSide, items: list[tuple[str, int]]) -> None:
    shop.log.tell(PromotionDrafted(promotion=FREE), stream=BOOK)
    await shop.catch_up()
    wanted = [{"sku": sku, "quantity": quantity} for sku, quantity in items]
    assert (await shop.refused(TRIAL, id="free", items=wanted, token=PIA))[1] == ["BAD_USER_INPUT"]
