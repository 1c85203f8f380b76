"""The history of a stream as a page: events, what each changed, as it was, and the chain."""

from typing import Any

import pytest

from tests.support.fixtures.pages import Browser, data, failed

NONE = "none given"
STREAM = "product-01a228b2-0000-4000-8000-000000000001"
AT = f"/desk/history/{STREAM}"
PAGE = {"hasPreviousPage": False, "hasNextPage": False, "startCursor": "s", "endCursor": "e"}
ME = {"permissions": ["audit"]}


def event(revision: int, **more: Any) -> dict[str, Any]:
    return {
        "revision": revision,
        "recordedAt": "2026-11-24T16:40:00+00:00",
        "actor": "staff:ada",
        "actorName": None,
        "reason": None,
        "type": "product.variant_priced.v1",
        "says": "12OZ costs 12.99 USD.",
        **more,
    }


def history(*events: dict[str, Any], **page: Any) -> Any:
    return data(me=ME, history={"edges": [{"node": it} for it in events], "pageInfo": {**PAGE, **page}})


OPEN = {
    **event(4, reason="Supplier list 48"),
    "position": "412877",
    "hash": "9f" * 32,
    "metadata": {"command_id": "c", "$correlationId": "k", "previous": "07" * 32},
    "data": {"sku": "12OZ"},
    "changes": [{"path": ["variants", "12OZ", "price"], "before": "10.99 USD", "after": "12.99 USD"}],
}
STATE = {
    "revision": 4,
    "lastRevision": 6,
    "recordedAt": "2026-11-24T16:40:00+00:00",
    "values": [
        {"path": ["title"], "value": "Coffee"},
        {"path": ["variants", "12OZ", "price"], "value": "12.99 USD"},
        {"path": ["variants", "12OZ", "valid_from"], "value": "2026-11-24T16:40:00+00:00"},
    ],
}


@pytest.fixture
async def ada(browser: Browser) -> Browser:
    await browser.begin(roles=("staff",))
    return browser


async def test_who_has_not_logged_in_is_sent_to_the_login(browser: Browser) -> None:
    page = await browser.get(AT)
    assert (page.status, page.location) == (303, f"/desk/login?to={AT}")
    assert browser.read.sent == []


async def test_who_may_not_see_histories_is_refused(ada: Browser) -> None:
    ada.read.answers("DeskHistory", failed("FORBIDDEN", "history", me=ME))
    assert (await ada.get(AT)).status == 403


async def test_each_event_is_a_row_with_who_when_and_why(ada: Browser) -> None:
    process = {"actor": "process:cart_abandonment", "type": "cart.abandoned.v1", "says": "Cart abandoned."}
    ada.read.answers("DeskHistory", history(event(4, reason="Supplier list 48"), event(5, **process)))
    page = await ada.get(AT)
    assert page.rows("tbody tr") == [
        ["Open revision 4", "12OZ costs 12.99 USD. product.variant_priced", "ada", "24 Nov 16:40", "Supplier list 48"],
        [
            "Open revision 5",
            "Cart abandoned. cart.abandoned",
            "the shop, cart abandonment",
            "24 Nov 16:40",
            "none given",
        ],
    ]
    assert page.response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("stream", "permission", "link"),
    [
        ("order-O1", "audit", "/desk/orders/O1"),
        ("product-P1", "catalogue", "/desk/products/P1"),
        ("product-P1", "audit", None),
        ("stock-MUG@MAIN", "stock", "/desk/stock/MUG"),
        ("cart-C1", "audit", None),
    ],
)
async def test_the_page_of_what_it_is_about_is_a_step_away_for_those_who_may_see_it(
    ada: Browser, stream: str, permission: str, link: str | None
) -> None:
    page = {"edges": [{"node": event(0)}], "pageInfo": PAGE}
    ada.read.answers("DeskHistory", data(me={"permissions": [permission]}, history=page))
    shown = await ada.get(f"/desk/history/{stream}")
    links = [str(it["href"]) for it in shown.html.select("main a[href^='/desk/']")]
    assert [it for it in links if not it.startswith("/desk/history")] == ([] if link is None else [link])


async def test_hostile_texts_are_shown_as_text(ada: Browser) -> None:
    hostile = '<script>alert(1)</script>"><img src=x>{{ 7*7 }}'
    ada.read.answers("DeskHistory", history(event(0, reason=hostile, says=hostile, actor=hostile, type=hostile)))
    page = await ada.get(AT)
    assert page.text("tbody td:last-child") == hostile
    assert page.html.select("main script, main img") == []


async def test_the_newest_events_are_shown_and_older_ones_a_step_away(ada: Browser) -> None:
    ada.read.answers("DeskHistory", history(event(60), hasPreviousPage=True, startCursor="at 60"))
    page = await ada.get(AT)
    assert ada.read.sent[-1].body["variables"] | {"last": 50, "before": None} == ada.read.sent[-1].body["variables"]  # type: ignore[index]
    (earlier,) = [it["href"] for it in page.html.select("a[rel~=prev]")]
    assert earlier == "?before=at+60"
    await ada.get(AT + str(earlier))
    assert ada.read.sent[-1].body["variables"]["before"] == "at 60"  # type: ignore[index]


async def test_a_filter_is_in_the_address_and_stays_while_events_are_opened(ada: Browser) -> None:
    ada.read.answers("DeskHistory", history(event(4)))
    page = await ada.get(f"{AT}?type=product.published.v1&actor=staff:ada&from=2026-11-24T00:00&to=nonsense")
    sent = ada.read.sent[-1].body["variables"]  # type: ignore[index]
    assert (sent["types"], sent["actor"], sent["from"], sent["to"]) == (
        ["product.published.v1"],
        "staff:ada",
        "2026-11-24T00:00:00+00:00",
        None,
    )
    (link,) = {str(it["href"]) for it in page.html.select(".says")}
    assert link.startswith("?type=product.published.v1&actor=staff%3Aada&from=2026-11-24T00%3A00&")
    assert link.endswith("&event=4#moment")


async def test_an_opened_event_shows_what_it_changed_and_the_state_then(ada: Browser) -> None:
    ada.read.answers("DeskHistory", history(event(4)))
    ada.read.answers("DeskEvent", data(event=OPEN))
    ada.read.answers("DeskState", data(streamState=STATE))
    page = await ada.get(f"{AT}?event=4")
    assert page.texts(".diff .of, .diff dt, .diff del, .diff ins") == [
        "variants › 12OZ",
        "price",
        "before: 10.99 USD",
        "after: 12.99 USD",
    ]
    assert page.rows(".values tr") == [
        ["title", "Coffee"],
        ["variants › 12OZ"],
        ["price", "12.99 USD"],
        ["valid from", "24 November 2026, 16:40"],
    ]
    slider = page.html.select_one("input[type=range]")
    assert slider is not None
    assert (slider["min"], slider["max"], slider["value"]) == ("0", "6", "4")
    steps = [str(it["href"]) for it in page.html.select(".stepper a")]
    assert steps == ["?event=3#moment", "?event=5#moment"]
    assert page.texts("tr.open .says") == ["12OZ costs 12.99 USD."]


async def test_two_revisions_are_compared(ada: Browser) -> None:
    ada.read.answers("DeskHistory", history(event(4)))
    ada.read.answers("DeskEvent", data(event=OPEN))
    ada.read.answers("DeskState", data(streamState=STATE))
    ada.read.answers("DeskChanges", data(streamChanges=[{"path": ["phase"], "before": "draft", "after": "published"}]))
    page = await ada.get(f"{AT}?event=4&against=9")
    assert ada.read.sent[-1].body["variables"] == {"stream": STREAM, "earlier": 4, "later": 9}  # type: ignore[index]
    assert "From revision 4 to 9" in page.texts(".moment h3")
    assert page.texts(".moment .diff ins") == ["after: 12.99 USD", "after: published"]


async def test_a_stream_without_a_state_shows_its_events_all_the_same(ada: Browser) -> None:
    ada.read.answers("DeskHistory", history(event(0)))
    ada.read.answers("DeskEvent", data(event={**OPEN, "revision": 0, "changes": None}))
    ada.read.answers("DeskState", failed("BAD_USER_INPUT", "streamState"))
    page = await ada.get(f"{AT}?event=0")
    assert (page.status, page.html.select(".values, .diff")) == (200, [])


@pytest.mark.parametrize("chosen", ["x", "-1", "1.5", "9" * 10, "١"])
async def test_what_is_no_revision_opens_nothing(ada: Browser, chosen: str) -> None:
    ada.read.answers("DeskHistory", history(event(0)))
    page = await ada.get(f"{AT}?event={chosen}")
    assert (page.status, page.html.select("#moment")) == (200, [])


async def test_a_revision_that_there_is_not_is_404(ada: Browser) -> None:
    ada.read.answers("DeskHistory", history(event(0)))
    ada.read.answers("DeskEvent", data(event=None))
    ada.read.answers("DeskState", failed("NOT_FOUND", "streamState"))
    assert (await ada.get(f"{AT}?event=77")).status == 404


def verified(**more: Any) -> Any:
    known = {"whole": True, "complete": True, "events": 7, "firstHash": "a" * 64, "lastHash": "b" * 64, "fault": None}
    return data(verify={**known, "verifiedAt": "2026-11-30T12:00:00+00:00", **more})


async def test_the_chain_is_verified_when_asked(ada: Browser) -> None:
    ada.read.answers("DeskHistory", history(event(0)))
    page = await ada.get(AT)
    assert page.html.select(".seal") == []
    assert [it.body["query"].split()[1][:10] for it in ada.read.sent] == ["DeskHistor"]  # type: ignore[index]
    ada.read.answers("DeskVerify", verified())
    page = await ada.get(f"{AT}?verify=1")
    assert page.text(".seal").startswith("Chain whole 7 events, verified ")
    assert page.text(".seal code") == "b" * 64


async def test_a_broken_chain_says_where(ada: Browser) -> None:
    ada.read.answers("DeskHistory", history(event(0)))
    fault = {"revision": 3, "position": "41", "what": "not what was stored"}
    ada.read.answers("DeskVerify", verified(whole=False, events=4, fault=fault))
    page = await ada.get(f"{AT}?verify=1")
    assert page.text(".seal.broken") == "Chain broken at revision 3, position 41: not what was stored"


async def test_a_chain_that_is_too_long_is_whole_so_far(ada: Browser) -> None:
    ada.read.answers("DeskHistory", history(event(0)))
    ada.read.answers("DeskVerify", verified(whole=False, complete=False, events=100_000))
    page = await ada.get(f"{AT}?verify=1")
    assert page.text(".seal").startswith("Whole so far the first 100,000 events")


@pytest.mark.parametrize(
    ("kind", "typed", "stream"),
    [
        ("order", " O1 ", "order-O1"),
        ("order", "order-O1", "order-O1"),
        ("", "category-tree", "category-tree"),
        ("stock", "MUG@MAIN", "stock-MUG@MAIN"),
        ("nonsense", "a/../b?c", "a%2F..%2Fb%3Fc"),
    ],
)
async def test_a_stream_is_found_by_kind_and_id(ada: Browser, kind: str, typed: str, stream: str) -> None:
    page = await ada.get(str(ada.client.base_url.copy_with(path="/desk/history", params={"kind": kind, "id": typed})))
    assert (page.status, page.location) == (303, f"/desk/history/{stream}")


async def test_the_search_for_a_stream_asks_for_nothing_else(ada: Browser) -> None:
    ada.read.answers("DeskMe", data(me=ME))
    page = await ada.get("/desk/history")
    assert (page.status, page.text("h1")) == (200, "History")
    assert page.texts(".side a:not(form a)")[1:] == ["Today", "Orders", "History"]
