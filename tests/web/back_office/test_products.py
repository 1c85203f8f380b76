"""Products: lists, drafts, prices, states, and what two people change at once."""

from typing import Any

import pytest

from tests.support.fixtures.pages import Browser, accepted, data, failed, problem
from tests.web.back_office.answers import a_product, connection, me, works
from web.ports import Reply

PAGE = "/desk/products/p-1"


def shown(*permissions: str, **more: object) -> Reply:
    return data(me=me(*permissions), product=a_product(**more))


async def test_products_are_listed_in_every_state(browser: Browser) -> None:
    await works(browser)
    browser.read.answers(
        "DeskProducts", data(me=me(), **connection("catalogue", a_product(status="DRAFT", price=None)))
    )
    page = await browser.get("/desk/products?status=DRAFT")
    assert browser.read.sent[-1].body["variables"]["status"] == "DRAFT"  # type: ignore[index]
    assert page.texts("tbody td")[1:7] == ["A mug", "Potters", "Draft", "Cups", "MUG", "none"]


async def test_a_sku_is_found_in_any_state_and_before_what_the_words_match(browser: Browser) -> None:
    await works(browser)
    exact, other = a_product(status="DRAFT", title="Exact"), a_product(productId="p-2", title="Other")
    answer = data(me=me(), exact=exact, **connection("search", other, exact))
    browser.read.answers("DeskProductsFound", answer)
    page = await browser.get("/desk/products?q=MUG")
    assert page.texts("tbody a") == ["Exact", "Other"]


async def test_a_draft_leads_to_its_page(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskMe", data(me=me()))
    page = await browser.post("/desk/products/new", key="k", title="")
    assert (page.status, page.text("#title-fault")) == (422, "Enter a title.")
    browser.write.answers("POST /products", accepted(9, 0, product_id="p-9"))
    done = await browser.post("/desk/products/new", key="k", title="A cup", brand="", description="New")
    assert done.location == "/desk/products/p-9"
    assert browser.write.sent[-1].body == {"title": "A cup", "brand": "", "description": "New"}


async def test_when_two_describe_a_product_both_versions_are_shown(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskProduct", shown(title="A cup", revision=9))
    late = problem(412, "precondition-failed", revision=9, changed_by="staff:bo", changed_at="2026-11-30T11:59:00Z")
    browser.write.answers("PUT /products/p-1/description", late)
    mine: dict[str, Any] = {"title": "A big mug", "brand": "Potters", "description": "Holds 0.3 l."}
    browser.read.answers("DeskActor", failed("FORBIDDEN", "actorName"))
    page = await browser.post(f"{PAGE}/describe", key="k", revision="4", **mine)
    assert page.status == 409
    assert page.field("#title") == "A big mug"
    assert page.texts(".stored") == ["Stored now: A cup"]
    assert "Bo, 30 November 2026, 11:59" in page.text(".summary")
    assert page.field(f"form[action='{PAGE}/describe'] [name=revision]") == "9"


async def test_a_price_begins_now_or_in_the_time_zone_of_the_shop(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskProduct", shown())
    browser.write.answers("POST /products/p-1/variants/MUG/prices", accepted(9, 5))
    path = f"{PAGE}/variants/MUG/prices"
    await browser.post(path, key="k", revision="4", amount="11.00", currency="USD")
    await browser.post(path, key="l", amount="1,100", currency="USD", valid_from="2027-01-01T08:30")
    assert [it.body for it in browser.write.sent] == [
        {"price": {"amount": 1100, "currency": "USD"}},
        {"price": {"amount": 110_000, "currency": "USD"}, "valid_from": "2027-01-01T08:30:00+00:00"},
    ]
    for field, value, fault in (
        ("amount", "eleven", "Enter an amount, such as 12.50."),
        ("currency", "$", "Enter the currency's code, such as USD."),
        ("valid_from", "soon", "Choose a day and a time."),
    ):
        typed: dict[str, Any] = {"amount": "1", "currency": "USD", field: value}
        page = await browser.post(path, key="k", **typed)
        assert (page.status, page.texts(".summary li")) == (422, [fault])
    assert len(browser.write.sent) == 2


async def test_planned_prices_are_told_from_those_in_force(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskProduct", shown())
    page = await browser.get(PAGE)
    assert page.texts("ol.plain li") == [
        "$11.00 from 1 January 2027, 00:00, planned",
        "$12.50 from 30 November 2026, 10:00",
    ]


async def test_a_variant_has_options_line_by_line(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskProduct", shown())
    browser.write.answers("POST /products/p-1/variants", accepted(9, 5))
    await browser.post(
        f"{PAGE}/variants", key="k", sku="MUG-S", options="size: small\r\n\r\ncolour : blue", base_quantity=""
    )
    assert browser.write.sent[0].body == {
        "sku": "MUG-S",
        "options": {"size": "small", "colour": "blue"},
        "base_quantity": 1,
    }
    page = await browser.post(f"{PAGE}/variants", key="k", sku="", options="small")
    assert page.text("#sku-fault").startswith("Enter a SKU")
    assert page.text("#options-fault") == "Write a name and a value on each line, such as size: large."


@pytest.mark.parametrize("action", ["unpublish", "discontinue"])
async def test_taking_off_sale_needs_a_reason(browser: Browser, action: str) -> None:
    await works(browser)
    browser.read.answers("DeskProduct", shown())
    page = await browser.post(f"{PAGE}/{action}", key="k")
    assert (page.status, page.text(f"#{action}-fault")) == (422, "Say why: it stays with the product.")
    browser.write.answers(f"POST /products/p-1/{action}", accepted(9, 5))
    await browser.post(f"{PAGE}/{action}", key="k", revision="4", reason="Recalled")
    assert (browser.write.sent[0].body, browser.write.sent[0].headers["If-Match"]) == ({"reason": "Recalled"}, '"4"')


async def test_prices_are_set_by_those_who_may(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskProduct", shown("catalogue"))
    assert (await browser.get(PAGE)).html.select("[name=amount]") == []


async def test_a_refusal_of_the_shop_stands_on_the_page(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskProduct", shown(status="DRAFT"))
    browser.write.answers(
        "POST /products/p-1/publish", problem(409, "no-price", detail="Give a variant a price first.")
    )
    page = await browser.post(f"{PAGE}/publish", key="k")
    assert (page.status, page.text(".summary h2")) == (422, "Give a variant a price first.")


async def test_a_product_is_put_where_it_belongs_by_walking_the_tree(browser: Browser) -> None:
    await works(browser)
    category: dict[str, Any] = {"categoryId": "c-1", "name": "Cups", "parent": None, "path": [], "children": []}
    browser.read.answers("DeskCategory", data(me=me(), category=category))
    page = await browser.get("/desk/categories?for=p-1&at=c-1")
    assert page.text(".note button") == "Put it into Cups"
    browser.write.answers("PUT /products/p-1/category", accepted(9, 5))
    done = await browser.post(f"{PAGE}/category", key="k", category=page.field(".note [name=category]"))
    assert (done.location, browser.write.sent[0].body) == (PAGE, {"category_id": "c-1"})


async def test_categories_are_created_renamed_moved_and_deleted(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskCategories", data(me=me(), categories=[]))
    browser.write.answers("POST /categories", accepted(9, 5, category_id="c-9"))
    browser.write.answers("PUT /categories/c-1/name", accepted(9, 6))
    browser.write.answers("PUT /categories/c-1/parent", accepted(9, 7))
    browser.write.answers("DELETE /categories/c-1", accepted(9, 8))
    locations = [
        (await browser.post("/desk/categories", key="a", name="Kitchen")).location,
        (await browser.post("/desk/categories/c-1/rename", key="b", name="Mugs")).location,
        (await browser.post("/desk/categories/c-1/move", key="c", parent_id="")).location,
        (await browser.post("/desk/categories/c-1/delete", key="d", parent="c-0")).location,
    ]
    assert locations == ["/desk/categories", *["/desk/categories?at=c-1"] * 2, "/desk/categories?at=c-0"]
    assert [it.body for it in browser.write.sent] == [
        {"name": "Kitchen", "parent_id": None},
        {"name": "Mugs"},
        {"parent_id": None},
        None,
    ]
