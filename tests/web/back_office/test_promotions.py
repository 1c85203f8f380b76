"""Promotions in the back office: what each does, in words, and ending one with a reason."""

from typing import Any

import pytest

from tests.support.fixtures.pages import Browser, accepted, data, failed, problem, usd
from tests.web.back_office.answers import AT, connection, me, works
from web.texts import formats
from web.texts.promotions import effect, goods

PAGE = "/desk/promotions"
NOTHING: dict[str, Any] = {"basisPoints": 0, "amount": None, "buy": 0, "get": 0, "most": None}
NOTHING |= {"tiers": [], "parts": [], "methods": []}


def promotion(status: str = "IN_FORCE", **more: Any) -> dict[str, Any]:
    return {
        "promotionId": "p-1",
        "title": "<b>Winter</b> sale",
        "phase": "LINE",
        "priority": 1,
        "exclusive": False,
        "threshold": None,
        "target": {"products": [], "categories": [], "brands": ["Potters"]},
        "benefit": {"kind": "PERCENTAGE", **NOTHING, "basisPoints": 1250},
        "status": status,
        "zone": "Europe/Zurich",
        "starts": AT,
        "ends": None,
        "endedBecause": None,
        "revision": 7,
        **more,
    }


async def listed(browser: Browser, *found: dict[str, Any], may: str = "prices") -> None:
    await works(browser)
    browser.read.answers("DeskPromotions", data(me=me(may), **connection("promotions", *found)))


async def test_the_list_says_what_each_does_and_when(browser: Browser) -> None:
    over = promotion("OVER", promotionId="p-2", title="Autumn", ends=AT, endedBecause="<i>Sold out</i>")
    await listed(browser, promotion(), over)
    page = await browser.get(f"{PAGE}?status=IN_FORCE")
    assert browser.read.sent[-1].body["variables"]["status"] == "IN_FORCE"  # type: ignore[index]
    assert [row[:4] for row in page.rows("main tbody tr")] == [
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
    assert [it["action"] for it in page.html.select("main form[method=post]")] == [f"{PAGE}/p-1/end"]


async def test_one_is_ended_with_a_reason(browser: Browser) -> None:
    await listed(browser, promotion())
    page = await browser.post(f"{PAGE}/p-1/end", key="k", reason="")
    assert (page.status, page.text("#reason-p-1-fault")) == (422, "Say why: it stays with the promotion.")
    assert browser.write.sent == []
    browser.write.answers("POST /promotions/p-1/end", accepted(9, 8))
    done = await browser.post(f"{PAGE}/p-1/end", key="k", reason="Sold out")
    assert (done.status, done.location) == (303, PAGE)
    (sent,) = browser.write.sent
    assert (sent.body, sent.headers["Idempotency-Key"]) == ({"reason": "Sold out"}, "k")


async def test_a_refusal_keeps_the_reason(browser: Browser) -> None:
    await listed(browser, promotion())
    browser.write.answers("POST /promotions/p-1/end", problem(404, "promotion-not-found", detail="There is none."))
    page = await browser.post(f"{PAGE}/p-1/end", key="k", reason="Sold out")
    assert (page.text(".summary h2"), page.field("#reason-p-1")) == ("There is none.", "Sold out")


async def test_who_may_not_set_prices_neither_sees_nor_ends_them(browser: Browser) -> None:
    await works(browser)
    browser.read.answers("DeskPromotions", failed("FORBIDDEN", "promotions"))
    assert (await browser.get(PAGE)).status == 403
    browser.write.answers("POST /promotions/p-1/end", problem(403, "not-allowed"))
    assert (await browser.post(f"{PAGE}/p-1/end", key="k", reason="x")).status == 403


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
            "from 3 units 1 free; from 10 units 5 % off",
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
    target = {"products": ["p-1", "p-2"], "categories": [], "brands": ["Potters"]}
    assert goods(promotion(target=target)) == "products p-1, p-2; brands Potters"
    nothing: dict[str, list[str]] = {"products": [], "categories": [], "brands": []}
    assert goods(promotion(target=nothing)) == "all goods"
