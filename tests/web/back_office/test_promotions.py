"""Promotions in the back office: the list, and one tried, scheduled and ended with a reason."""

from typing import Any

import pytest

from tests.support.fixtures.pages import Browser, accepted, data, failed, problem, step, usd
from tests.web.back_office.answers import AT, connection, me, works
from web.texts import formats
from web.texts.promotions import effect, goods

LIST = "/desk/promotions"
PAGE = f"{LIST}/p-1"
NOTHING: dict[str, Any] = {"basisPoints": 0, "amount": None, "buy": 0, "get": 0, "most": None}
NOTHING |= {"tiers": [], "parts": [], "methods": []}
MUG = {"productId": "m", "title": "A mug", "variants": [{"sku": "MUG"}]}
COFFEE = {"categoryId": "c", "name": "Coffee", "path": [{"name": "Grocery"}, {"name": "Coffee"}]}


def target(products: list[Any] = [], categories: list[Any] = [], brands: list[str] = []) -> dict[str, Any]:  # noqa: B006
    """Of products and categories that are there, or ids of what is not."""
    found = [it for it in products if not isinstance(it, str)]
    ways = [it for it in categories if not isinstance(it, str)]
    return {
        "products": [it if isinstance(it, str) else it["productId"] for it in products],
        "categories": [it if isinstance(it, str) else it["categoryId"] for it in categories],
        "brands": brands,
        "foundProducts": found,
        "foundCategories": ways,
    }


def promotion(status: str = "IN_FORCE", **more: Any) -> dict[str, Any]:
    return {
        "promotionId": "p-1",
        "title": "<b>Winter</b> sale",
        "phase": "LINE",
        "priority": 1,
        "exclusive": False,
        "threshold": None,
        "target": target(brands=["Potters"]),
        "benefit": {"kind": "PERCENTAGE", **NOTHING, "basisPoints": 1250},
        "status": status,
        "zone": "Europe/Zurich",
        "starts": AT,
        "ends": None,
        "endedBecause": None,
        "replacedBy": None,
        "revision": 7,
        **more,
    }


async def listed(browser: Browser, *found: dict[str, Any], may: str = "prices") -> None:
    await works(browser)
    browser.read.answers("DeskPromotions", data(me=me(may), **connection("promotions", *found)))


async def opened(browser: Browser, status: str = "DRAFT", *may: str, **more: Any) -> None:
    """The page of a promotion."""
    await works(browser)
    browser.read.answers("DeskPromotion", data(me=me(*may or ("prices",)), promotion=promotion(status, **more)))


async def test_the_list_says_what_each_does_and_when(browser: Browser) -> None:
    over = promotion("OVER", promotionId="p-2", title="Autumn", ends=AT, endedBecause="<i>Sold out</i>")
    await listed(browser, promotion(), over)
    page = await browser.get(f"{LIST}?status=IN_FORCE")
    assert browser.read.sent[-1].body["variables"]["status"] == "IN_FORCE"  # type: ignore[index]
    assert page.rows("main tbody tr") == [
        [
            "<b>Winter</b> sale Line, priority 1",
            "12.5 % off brands Potters",
            "In force",
            "30 November 2026, 10:00 to its end by hand set in Europe/Zurich",
        ],
        [
            "Autumn Line, priority 1",
            "12.5 % off brands Potters",
            "Over <i>Sold out</i>",
            "30 November 2026, 10:00 to 30 November 2026, 10:00 set in Europe/Zurich",
        ],
    ]
    assert [it["href"] for it in page.html.select("main tbody a, .head a")] == [f"{LIST}/new", PAGE, f"{LIST}/p-2"]


async def test_a_draft_can_be_edited_scheduled_and_discarded_and_what_is_scheduled_only_replaced_and_ended(
    browser: Browser,
) -> None:
    await opened(browser, "DRAFT", starts=None, target=target([MUG, "gone"], [COFFEE]))
    page = await browser.get(PAGE)
    assert page.texts("main h2") == ["12.5 % off", "Try it", "Next step", "Discard"]
    assert page.texts(".pairs li") == ["A mug", "Grocery / Coffee", "1 that is not there any more"]
    assert page.html.select_one(f"a[href='{LIST}/new/percentage?edits=p-1']") is not None
    await opened(browser, "SCHEDULED")
    page = await browser.get(PAGE)
    assert page.texts("main h2") == ["12.5 % off", "Try it", "Replace", "End"]
    assert page.html.select_one(f"a[href='{LIST}/new/percentage?replaces=p-1']") is not None
    await opened(browser, "OVER", endedBecause="<i>Sold out</i>", replacedBy="p-2")
    page = await browser.get(PAGE)
    assert page.texts("main h2") == ["12.5 % off", "Try it"]
    assert page.texts(".pairs dd")[-2:] == ["<i>Sold out</i>", "this one"]
    assert page.html.select("main form[method=post]") == []


async def test_a_draft_is_scheduled_in_the_times_of_the_shop(browser: Browser) -> None:
    await opened(browser)
    page = await browser.post(f"{PAGE}/schedule", key="k", starts="soon", ends="2026-12-25T00:00")
    assert (page.status, page.text("#starts-fault"), page.field("#ends")) == (
        422,
        "Choose a day and a time.",
        "2026-12-25T00:00",
    )
    assert browser.write.sent == []
    browser.write.answers("PUT /promotions/p-1/schedule", accepted(9, 8))
    done = await browser.post(f"{PAGE}/schedule", key="k", starts="2026-12-01T00:00", ends="")
    assert (done.status, done.location) == (303, PAGE)
    (sent,) = browser.write.sent
    assert (sent.body, sent.headers["Idempotency-Key"]) == ({"zone": "UTC", "starts": "2026-12-01T00:00"}, "k")


async def test_a_time_that_has_gone_is_refused_at_its_field(browser: Browser) -> None:
    await opened(browser)
    fault = {"field": "starts", "reason": "It has gone.", "fix": "Choose a later one."}
    browser.write.answers("PUT /promotions/p-1/schedule", problem(422, "unusable-times", errors=[fault]))
    page = await browser.post(f"{PAGE}/schedule", key="k", starts="2020-12-01T00:00", ends="")
    assert (page.text("#starts-fault"), page.field("#starts")) == (
        "It has gone. Choose a later one.",
        "2020-12-01T00:00",
    )


async def test_a_promotion_is_tried_on_goods(browser: Browser) -> None:
    await opened(browser)
    steps = [step(2500, "2 x 12.50 USD"), step(-313, "Winter sale", "promotion")]
    trial = {
        "lines": [{"sku": "MUG", "title": "A <b>mug</b>", "quantity": 2, "total": usd(2187), "priceSteps": steps}],
        "total": usd(2187),
        "discounts": [{"reason": "Winter sale", "amount": usd(-313)}],
        "deliveryMethods": [
            {"method": "standard", "price": usd(499), "priceSteps": [step(499, "standard")], "total": usd(2686)}
        ],
        "withoutPrice": ["NONE"],
    }
    browser.read.answers("DeskPromotionTrial", data(promotion={"trial": trial}))
    page = await browser.get(f"{PAGE}?items=MUG+2%0ANONE")
    assert browser.read.sent[-1].body["variables"]["items"] == [  # type: ignore[index]
        {"sku": "MUG", "quantity": 2},
        {"sku": "NONE", "quantity": 1},
    ]
    assert page.rows(".trial tbody tr") == [
        ["2 × A <b>mug</b> Price $25.00 Winter sale −$3.13", "$21.87"],
        ["Goods", "$21.87"],
        ["Delivery, standard", "$4.99"],
    ]
    assert page.text(".note") == "Left out, because there is no price: NONE."
    page = await browser.get(f"{PAGE}?items=MUG+many")
    assert page.text("#items-fault") == "Write a SKU and how many units on each line, such as MUG 3."


async def test_one_is_ended_with_a_reason(browser: Browser) -> None:
    await opened(browser, "IN_FORCE")
    page = await browser.post(f"{PAGE}/end", key="k", reason="")
    assert (page.status, page.text("#reason-fault")) == (422, "Say why: it stays with the promotion.")
    assert browser.write.sent == []
    browser.write.answers("POST /promotions/p-1/end", accepted(9, 8))
    done = await browser.post(f"{PAGE}/end", key="k", reason="Sold out")
    assert (done.status, done.location) == (303, LIST)
    (sent,) = browser.write.sent
    assert (sent.body, sent.headers["Idempotency-Key"]) == ({"reason": "Sold out"}, "k")


async def test_a_refusal_keeps_the_reason(browser: Browser) -> None:
    await opened(browser, "IN_FORCE")
    browser.write.answers("POST /promotions/p-1/end", problem(404, "promotion-not-found", detail="There is none."))
    page = await browser.post(f"{PAGE}/end", key="k", reason="Sold out")
    assert (page.text(".summary h2"), page.field("#reason")) == ("There is none.", "Sold out")


async def test_who_may_not_set_prices_neither_sees_nor_ends_them(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskPromotions", failed("FORBIDDEN", "promotions"))
    browser.read.answers("DeskPromotion", failed("FORBIDDEN", "promotion"))
    browser.read.answers("DeskPromotionForm", failed("FORBIDDEN", "promotions"))
    for path in (LIST, PAGE, f"{LIST}/new", f"{LIST}/new/gift"):
        assert (await browser.get(path)).status == 403
    browser.write.answers("POST /promotions/p-1/end", problem(403, "not-allowed"))
    assert (await browser.post(f"{PAGE}/end", key="k", reason="x")).status == 403


async def test_one_that_is_not_there_is_404(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskPromotion", data(me=me("prices"), promotion=None))
    for path in (PAGE, f"{LIST}/new/gift?edits=p-1", f"{LIST}/new/nothing"):
        assert (await browser.get(path)).status == 404


def in_words(kind: str, phase: str = "LINE", threshold: Any = None, **fields: Any) -> str:
    found = promotion(phase=phase, threshold=threshold, benefit={"kind": kind, **NOTHING, **fields})
    return effect(found, lambda it: formats.money(it, "en_US"))


@pytest.mark.parametrize(
    ("text", "kind", "fields"),
    [
        ("10 % off", "PERCENTAGE", {"basisPoints": 1000}),
        ("$3.00 off each unit", "AMOUNT", {"amount": usd(300)}),
        (
            "$3.00 off, from $10.00 of goods on",
            "AMOUNT",
            {"amount": usd(300), "phase": "ORDER", "threshold": usd(1000)},
        ),
        ("$9.00 a unit at most", "FIXED_PRICE", {"amount": usd(900)}),
        ("Buy 2, get 1 free, at most 3 units", "BUY_GET", {"buy": 2, "get": 1, "most": 3}),
        (
            "From 3 units 1 free; from 10 units 5 % off",
            "TIERS",
            {
                "tiers": [
                    {"fromUnits": 3, "freeUnits": 1, "basisPoints": 0},
                    {"fromUnits": 10, "freeUnits": 0, "basisPoints": 500},
                ]
            },
        ),
        (
            "1 + 2 units together for $20.00",
            "BUNDLE",
            {"parts": [{"quantity": 1}, {"quantity": 2}], "amount": usd(2000)},
        ),
        ("1 free when in the cart", "GIFT", {"get": 1}),
        ("Free shipping", "FREE_SHIPPING", {}),
        ("Free shipping (standard)", "FREE_SHIPPING", {"methods": ["standard"]}),
    ],
)
def test_each_kind_is_told_in_words(text: str, kind: str, fields: dict[str, Any]) -> None:
    assert in_words(kind, **fields) == text


def test_goods_are_those_that_are_named() -> None:
    teas = [{"productId": str(it), "title": f"Tea {it}", "variants": []} for it in range(4)]
    assert goods(promotion(target=target([*teas, "gone"], [COFFEE], ["Potters"]))) == (
        "products Tea 0, Tea 1, Tea 2, 2 more; categories Coffee; brands Potters"
    )
    assert goods(promotion(target=target())) == "all goods"
