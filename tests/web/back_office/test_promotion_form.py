"""The forms of promotions: each kind from what is typed to the REST body and back, and faults at their fields."""

from typing import Any

import pytest

from tests.support.fixtures.pages import Browser, accepted, data, problem, usd
from tests.web.back_office.answers import me, works
from tests.web.back_office.test_promotions import COFFEE, LIST, MUG, NOTHING, promotion, target
from web.forms.promotion import KINDS
from web.forms.promotion_values import kind_of, typed_of

NEW = f"{LIST}/new"
COMMON: dict[str, Any] = {"title": "Winter", "priority": "10"}
GROCERY = {"categoryId": "g", "name": "Grocery"}
FORMS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "percentage": ({"percent": "12.5", "phase": "order"}, {"basis_points": 1250}, {"basisPoints": 1250}),
    "amount": (
        {"amount": "3.00", "currency": "USD", "phase": "shipping"},
        {"amount": usd(300)},
        {"amount": usd(300)},
    ),
    "fixed-price": ({"amount": "9.00", "currency": "USD"}, {"amount": usd(900)}, {"amount": usd(900)}),
    "buy-get": (
        {"buy": "2", "get": "1", "most": "3"},
        {"buy": 2, "get": 1, "most": 3},
        {"buy": 2, "get": 1, "most": 3},
    ),
    "units-free": (
        {"from-0": "3", "free-0": "1", "from-1": "10", "free-1": "4"},
        {"tiers": [{"from_units": 3, "free_units": 1}, {"from_units": 10, "free_units": 4}]},
        {
            "tiers": [
                {"fromUnits": 3, "freeUnits": 1, "basisPoints": 0},
                {"fromUnits": 10, "freeUnits": 4, "basisPoints": 0},
            ]
        },
    ),
    "quantity-discount": (
        {"from-0": "10", "percent-0": "5"},
        {"tiers": [{"from_units": 10, "basis_points": 500}]},
        {"tiers": [{"fromUnits": 10, "freeUnits": 0, "basisPoints": 500}]},
    ),
    "set": (
        {
            "amount": "20.00",
            "currency": "USD",
            "quantity-0": "1",
            "products-0": "MUG",
            "quantity-1": "2",
            "brands-1": "B",
        },
        {
            "amount": usd(2000),
            "parts": [{"quantity": 1, "target": {"products": ["m"]}}, {"quantity": 2, "target": {"brands": ["B"]}}],
        },
        {
            "amount": usd(2000),
            "parts": [{"quantity": 1, "target": target([MUG])}, {"quantity": 2, "target": target(brands=["B"])}],
        },
    ),
    "gift": ({"get": "1", "phase": "line"}, {"get": 1}, {"get": 1}),
    "free-delivery": (
        {"methods": "standard\nexpress"},
        {"methods": ["standard", "express"]},
        {"methods": ["standard", "express"]},
    ),
}
"""By kind: what is typed, the benefit in the REST body, and the benefit as it is read."""


async def writes(browser: Browser) -> None:
    """A member of staff who writes a promotion."""
    await works(browser)
    taken = promotion(promotionId="p-2", title="Autumn", priority=25)
    browser.read.answers(
        "DeskPromotionForm",
        data(
            me=me("prices"),
            promotions={"edges": [{"node": taken}]},
            products={"edges": [{"node": {"price": usd(1250)}}]},
        ),
    )
    browser.read.answers("DeskCategories", data(me=me("prices"), categories=[GROCERY]))
    browser.read.answers("DeskCategory", data(me=me("prices"), category={**GROCERY, "children": [COFFEE]}))
    browser.read.answers("DeskTargetProduct", data(bySku=MUG, byId=None))


async def test_there_is_a_form_for_each_kind(browser: Browser) -> None:
    await writes(browser)
    page = await browser.get(NEW)
    paths = [it["href"] for it in page.html.select("main li a")]
    assert paths == [f"{NEW}/{slug}" for slug in KINDS]
    assert len(paths) == len(FORMS) == 9
    for path in paths:
        form = await browser.get(str(path))
        assert (form.status, form.field("#priority"), form.field("#currency")) == (200, "30", "USD")


@pytest.mark.parametrize("slug", FORMS)
async def test_each_kind_is_drafted(browser: Browser, slug: str) -> None:
    await writes(browser)
    typed, benefit, _ = FORMS[slug]
    browser.write.answers("POST /promotions", accepted(9, 8, promotion_id="p-9"))
    done = await browser.post(f"{NEW}/{slug}", key="k", **COMMON, **typed)
    assert (done.status, done.location) == (303, f"{LIST}/p-9")
    (sent,) = browser.write.sent
    assert sent.headers["Idempotency-Key"] == "k"
    assert sent.body == {
        "title": "Winter",
        "phase": typed.get("phase") or KINDS[slug].phases[0],
        "priority": 10,
        "benefit": {"kind": KINDS[slug].benefit, **benefit},
        "target": {},
        "exclusive": False,
    }


@pytest.mark.parametrize("slug", FORMS)
def test_each_kind_is_shown_as_it_was_typed(slug: str) -> None:
    typed, _, benefit = FORMS[slug]
    kind = KINDS[slug].benefit.replace(" ", "_").upper()
    phase = (typed.get("phase") or KINDS[slug].phases[0]).upper()
    it = promotion(
        title="Winter", priority=10, phase=phase, target=target(), benefit={**NOTHING, "kind": kind, **benefit}
    )
    assert kind_of(it) == slug
    shown = {name: value for name, value in typed_of(it, "en_US").items() if value}
    assert shown == {**COMMON, "phase": phase.lower(), **typed}


async def test_goods_are_named_by_sku_by_the_way_to_a_category_and_by_brand(browser: Browser) -> None:
    await writes(browser)
    browser.write.answers("POST /promotions", accepted(9, 8, promotion_id="p-9"))
    goods: dict[str, Any] = {
        "products": "MUG\n\nMUG",
        "categories": "grocery / Coffee\nGrocery",
        "brands": "Potters\nAlp",
    }
    more: dict[str, Any] = {"exclusive": "yes", "threshold": "50", "currency": "USD"}
    await browser.post(f"{NEW}/gift", phase="order", get="1", **COMMON, **goods, **more)
    (sent,) = browser.write.sent
    assert sent.body is not None
    assert sent.body["target"] == {"products": ["m"], "categories": ["c", "g"], "brands": ["Potters", "Alp"]}
    assert (sent.body["exclusive"], sent.body["threshold"]) == (True, usd(5000))


async def test_what_cannot_be_sent_is_said_at_its_field(browser: Browser) -> None:
    await writes(browser)
    browser.read.answers("DeskTargetProduct", data(bySku=None, byId=None))
    typed: dict[str, Any] = {
        "title": "",
        "priority": "first",
        "percent-0": "110",
        "from-0": "0",
        "products": "NONE",
        "categories": "Tea / Green",
    }
    page = await browser.post(f"{NEW}/quantity-discount", **typed)
    assert page.status == 422
    assert page.text("#title-fault") == "Enter a title: shoppers read it beside the amount."
    assert page.text("#priority-fault") == "Enter a whole number, such as 10. The lowest applies first."
    assert page.text("#percent-0-fault") == "Enter a percentage above 0 and up to 100, such as 15 or 12.5."
    assert page.text("#from-0-fault") == "Enter a whole number, such as 2."
    assert page.text("#products-fault") == "There is no product with the SKU NONE."
    assert page.text("#categories-fault").startswith("There is no category Tea / Green.")
    assert (page.field("#priority"), page.field("#percent-0"), page.text("#products")) == ("first", "110", "NONE")
    assert browser.write.sent == []


@pytest.mark.parametrize("slug", ["units-free", "set"])
async def test_another_row_is_asked_for_without_a_script_and_nothing_is_sent(browser: Browser, slug: str) -> None:
    await writes(browser)
    name = "from" if slug == "units-free" else "quantity"
    row: dict[str, Any] = {f"{name}-0": "3"}
    page = await browser.post(f"{NEW}/{slug}", rows="2", more="yes", title="Winter", **row)
    assert (page.status, page.field("#title"), page.field(f"#{name}-0")) == (200, "Winter", "3")
    assert page.html.select_one(f"#{name}-2") is not None
    assert page.html.select_one(f"#{name}-3") is None
    assert browser.write.sent == []
    page = await browser.post(f"{NEW}/{slug}", rows="2", **COMMON, currency="USD", amount="1")
    assert page.text("#rows-fault") == "Fill in one row or more."


async def test_a_refusal_lands_at_the_field_of_the_row(browser: Browser) -> None:
    await writes(browser)
    fault = {"field": "benefit.tiers.0.free_units", "reason": "Too many."}
    taken = {"field": "priority", "reason": "Autumn has it."}
    browser.write.answers("POST /promotions", problem(422, "number-out-of-bounds", detail="No.", errors=[fault, taken]))
    typed: dict[str, Any] = {"from-1": "3", "free-1": "4", **COMMON}
    page = await browser.post(f"{NEW}/units-free", **typed)
    assert (page.status, page.text("#free-1-fault"), page.text("#priority-fault")) == (
        422,
        "Too many.",
        "Autumn has it.",
    )


async def test_a_draft_is_edited_and_what_is_scheduled_is_replaced_or_copied(browser: Browser) -> None:
    await writes(browser)
    browser.read.answers(
        "DeskPromotion", data(me=me("prices"), promotion=promotion(target=target([MUG, "gone"], [COFFEE])))
    )
    page = await browser.get(f"{NEW}/percentage?edits=p-1")
    assert (page.field("#title"), page.field("#percent"), page.field("#priority")) == (
        "<b>Winter</b> sale",
        "12.5",
        "1",
    )
    assert (page.text("#products"), page.text("#categories")) == ("MUG gone", "Grocery / Coffee")
    typed = {"percent": "10", "phase": "line", **COMMON}
    browser.write.answers("PUT /promotions/p-1", accepted(9, 8))
    assert (await browser.post(f"{NEW}/percentage", edits="p-1", **typed)).location == f"{LIST}/p-1"
    browser.write.answers("POST /promotions/p-1/replace", accepted(9, 8, promotion_id="p-2"))
    assert (await browser.post(f"{NEW}/percentage", replaces="p-1", **typed)).location == f"{LIST}/p-2"
    assert [it.path for it in browser.write.sent] == ["/promotions/p-1", "/promotions/p-1/replace"]
    assert (await browser.get(f"{NEW}/percentage?like=p-1")).field("#priority") == "30"
    other = await browser.get(f"{NEW}/gift?replaces=p-1")
    assert (other.field("#title"), other.field("#get")) == ("<b>Winter</b> sale", "")


async def test_a_form_that_is_sent_twice_drafts_once(browser: Browser) -> None:
    await writes(browser)
    browser.write.answers("POST /promotions", problem(422, "command-id-reused"))
    assert (await browser.post(f"{NEW}/gift", phase="line", get="1", **COMMON)).location == LIST
