"""The cockpit as pages: parked things are sent again or skipped, read models rebuilt, an instance looked into."""

from typing import Any
from uuid import UUID

import pytest

from tests.support.fixtures.pages import Browser, accepted, data, failed, problem

NOON = "2026-11-30T12:00:00+00:00"
COMMAND, ENTRY = str(UUID(int=7)), str(UUID(int=8))
ME = {"permissions": ["audit", "operations"]}
COCKPIT = "/desk/cockpit"
PARKED_COMMAND = {
    "commandId": COMMAND,
    "process": "checkout",
    "instance": "O1",
    "command": "payment.request_void.v1",
    "error": "TimeoutError",
    "attempts": 10,
    "parkedAt": NOON,
}
PARKED_INPUT = {
    "entryId": ENTRY,
    "process": "log",
    "instance": None,
    "input": "order.placed.v3",
    "stream": "order-O1",
    "revision": 3,
    "error": "KeyError",
    "parkedAt": NOON,
}
INSTANCE = {
    "process": "fulfilment",
    "instance": "O1",
    "phase": "packed",
    "since": NOON,
    "attention": "The parcel is lost.",
    "lastInput": "shipment.packed.v1",
}
PROCESSING = {"position": "9", "lagEvents": 2, "lateSeconds": 0.25, "underWay": 1, "timers": 3, "nextTimer": NOON}
BUILD = {
    "name": "orders",
    "build": 2,
    "version": 7,
    "state": "ACTIVE",
    "position": "1234",
    "lagEvents": 0,
    "lagSeconds": 0.0,
    "error": None,
    "parked": 0,
}
WORKER = {
    "work": "processes",
    "holder": "vm 26443",
    "token": 3,
    "expiresAt": NOON,
    "ended": False,
    "pieces": ["0", "1"],
}


def page_of(*nodes: dict[str, Any], more: bool = False) -> dict[str, Any]:
    return {"edges": [{"node": it} for it in nodes], "pageInfo": {"hasNextPage": more, "endCursor": "next"}}


def cockpit(*, me: Any = ME, builds: list[dict[str, Any]] | None = None, **more: Any) -> Any:
    known = {
        "phases": [{"process": "checkout", "phase": "placed", "instances": 1234}],
        "processing": PROCESSING,
        "processes": page_of(INSTANCE),
        "parked": page_of(),
        "parkedInputs": page_of(),
        "parkedEvents": [],
        "publisher": None,
        "workers": [WORKER],
    }
    return data(me=me, cockpit={**known, **more}, projections=[BUILD] if builds is None else builds)


@pytest.fixture
async def olga(browser: Browser) -> Browser:
    await browser.begin(roles=("staff",))
    return browser


async def test_the_cockpit_says_first_what_needs_a_person(olga: Browser) -> None:
    olga.read.answers("DeskCockpit", cockpit(parked=page_of(PARKED_COMMAND), parkedInputs=page_of(PARKED_INPUT)))
    page = await olga.get(COCKPIT)
    assert page.texts(".dials li") == [
        "2 parked",
        "2 events processes are behind",
        "0 events read models are behind",
        "1 worker",
    ]
    assert [" ".join(it["class"]) for it in page.html.select(".dials li")] == ["bad", "good", "good", "good"]
    assert page.rows("#instances tbody tr") == [
        ["fulfilment O1", "packed needs attention The parcel is lost.", "30 Nov 12:00", "shipment.packed"]
    ]
    assert page.rows(".phases tr") == [["placed", "1,234"]]
    links = [str(it["href"]) for it in page.html.select("#parked a")]
    assert links == ["/desk/cockpit/processes/checkout/O1", "/desk/history/order-O1?event=3#moment"]


async def test_a_quiet_shop_has_nothing_to_do(olga: Browser) -> None:
    olga.read.answers("DeskCockpit", cockpit(processes=page_of(), phases=[], workers=[]))
    page = await olga.get(COCKPIT)
    assert page.text("#parked p") == "Nothing waits to be sent again."
    assert page.html.select("main form[action*=parked]") == []
    assert page.text("#workers p") == "Nobody takes part in any work: projections and processes do not run."


async def test_who_may_not_operate_is_refused(olga: Browser) -> None:
    olga.read.answers("DeskCockpit", failed("FORBIDDEN", "cockpit", me=ME, projections=[]))
    assert (await olga.get(COCKPIT)).status == 403


async def test_hostile_texts_are_shown_as_text(olga: Browser) -> None:
    hostile = '"><script>alert(1)</script>'
    olga.read.answers("DeskCockpit", cockpit(parked=page_of({**PARKED_COMMAND, "instance": hostile, "error": hostile})))
    page = await olga.get(COCKPIT)
    assert page.html.select("main script") == []
    (link, *_) = page.html.select("#parked a")
    assert link["href"] == "/desk/cockpit/processes/checkout/%22%3E%3Cscript%3Ealert%281%29%3C/script%3E"


async def test_filters_are_in_the_address(olga: Browser) -> None:
    olga.read.answers("DeskCockpit", cockpit(processes=page_of(INSTANCE, more=True)))
    page = await olga.get(f"{COCKPIT}?process=checkout&phase=placed&attention=1")
    sent = olga.read.sent[-1].body["variables"]  # type: ignore[index]
    assert sent == {"process": "checkout", "phase": "placed", "after": None, "attention": True}
    (more,) = [str(it["href"]) for it in page.html.select("#instances a[rel~=next]")]
    assert more == "/desk/cockpit?process=checkout&phase=placed&attention=1&after=next#instances"


@pytest.mark.parametrize(
    ("kind", "it", "path"),
    [("command", COMMAND, "parked-commands"), ("input", ENTRY, "parked-inputs")],
)
async def test_what_is_parked_is_sent_again_or_skipped_for_a_reason(
    olga: Browser, kind: str, it: str, path: str
) -> None:
    olga.write.answers(f"POST /processes/{path}/{it}/resend", accepted(50, 1))
    page = await olga.post(f"{COCKPIT}/parked/{kind}/{it}/resend", key="k")
    assert (page.status, page.location) == (303, COCKPIT)
    olga.write.answers(f"POST /processes/{path}/{it}/skip", accepted(51, 2))
    page = await olga.post(f"{COCKPIT}/parked/{kind}/{it}/skip", key="k2", reason=" Void by phone ")
    assert (page.status, page.location) == (303, COCKPIT)
    assert [(sent.body, sent.headers["Idempotency-Key"]) for sent in olga.write.sent] == [
        (None, "k"),
        ({"reason": "Void by phone"}, "k2"),
    ]


async def test_a_read_model_is_rebuilt_for_a_reason(olga: Browser) -> None:
    olga.read.answers("DeskCockpit", cockpit())
    form = (await olga.get(COCKPIT)).html.select_one("#read-models form")
    assert form is not None
    assert form["action"] == f"{COCKPIT}/read-models/orders/rebuild"
    olga.write.answers("POST /read-models/orders/rebuild", accepted(52, 0))
    page = await olga.post(str(form["action"]), key="k", reason="Orders were missing")
    assert (page.status, page.location) == (303, COCKPIT)
    assert olga.write.sent[-1].body == {"reason": "Orders were missing"}


async def test_a_build_that_is_being_made_has_no_button(olga: Browser) -> None:
    olga.read.answers("DeskCockpit", cockpit(builds=[{**BUILD, "state": "BUILDING"}]))
    assert (await olga.get(COCKPIT)).html.select("#read-models form") == []


async def test_a_refusal_is_told_and_nothing_is_lost(olga: Browser) -> None:
    olga.read.answers("DeskCockpit", cockpit())
    fault = {"field": "reason", "reason": "There is an e-mail address in it.", "fix": "Take it out."}
    olga.write.answers("POST /read-models/orders/rebuild", problem(422, "invalid-request", errors=[fault]))
    page = await olga.post(f"{COCKPIT}/read-models/orders/rebuild", key="k", reason="ask a@b.ch")
    assert (page.status, page.text(".note")) == (422, "There is an e-mail address in it. Take it out.")
    olga.write.answers(
        "POST /read-models/orders/rebuild", problem(409, "rebuild-under-way", detail="It is being made.")
    )
    page = await olga.post(f"{COCKPIT}/read-models/orders/rebuild", key="k", reason="again")
    assert (page.status, page.text(".note")) == (422, "It is being made.")


async def test_a_key_that_was_used_shows_what_it_did(olga: Browser) -> None:
    olga.write.answers("POST /read-models/orders/rebuild", problem(422, "command-id-reused"))
    assert (await olga.post(f"{COCKPIT}/read-models/orders/rebuild", key="k", reason="x")).location == COCKPIT


@pytest.mark.parametrize(
    "path",
    [f"parked/other/{COMMAND}/resend", "parked/command/../resend", "read-models/.x/rebuild", "dead-letters/.x/resend"],
)
async def test_what_cannot_be_named_reaches_no_api(olga: Browser, path: str) -> None:
    assert (await olga.post(f"{COCKPIT}/{path}", key="k", reason="x")).status in (404, 405)
    assert olga.write.sent == []


async def test_other_sites_and_guests_change_nothing(browser: Browser, olga: Browser) -> None:
    path = f"{COCKPIT}/read-models/orders/rebuild"
    assert (await olga.post(path, site="cross-site", key="k", reason="x")).status == 403
    await browser.begin(roles=("shopper",))
    assert (await browser.post(path, key="k", reason="x")).location == "/desk/login"
    assert olga.write.sent == []


RUN = {
    **INSTANCE,
    "stream": "fulfilment-O1",
    "table": "input   requests\n<b>",
    "timers": [{"name": "capture", "due": "2026-12-06T12:51:00+00:00"}],
    "parked": [PARKED_COMMAND],
    "parkedInputs": [PARKED_INPUT],
    "journal": {
        "edges": [
            {
                "node": {
                    "revision": 1,
                    "recordedAt": NOON,
                    "input": "order.placed.v3",
                    "requested": [{"commandId": COMMAND, "command": "shipment.plan.v1"}],
                    "timers": [{"name": "capture", "due": "2026-12-06T12:51:00+00:00"}, {"name": "pay", "due": None}],
                    "phase": "expected",
                    "attention": None,
                }
            }
        ],
        "pageInfo": {"hasPreviousPage": True, "startCursor": "at 1"},
    },
}


async def test_an_instance_shows_timers_attempts_journal_and_its_table(olga: Browser) -> None:
    olga.read.answers("DeskProcess", data(me=ME, cockpit={"instance": RUN}))
    page = await olga.get(f"{COCKPIT}/processes/fulfilment/O1")
    assert page.text("h1") == "Fulfilment: packed"
    assert page.text(".note") == "Needs attention. The parcel is lost."
    assert page.texts(".facts dt, .facts dd") == ["capture", "6 December 2026, 12:51"]
    assert page.rows("section[aria-labelledby=journal-name] tbody tr") == [
        ["1", "order.placed", "shipment.plan", "capture 6 Dec 12:51 pay cancelled", "expected", "30 Nov 12:00"]
    ]
    assert page.rows("tbody tr")[0][:2] == ["payment.request_void command", "TimeoutError 10 attempts"]
    assert page.text("details pre") == "input requests <b>"
    assert [str(it["href"]) for it in page.html.select("a[rel~=prev]")] == ["?before=at%201"]
    assert [str(it["href"]) for it in page.html.select("header a.button")] == ["/desk/history/fulfilment-O1"]


async def test_who_may_not_audit_gets_no_link_to_the_journal(olga: Browser) -> None:
    olga.read.answers("DeskProcess", data(me={"permissions": ["operations"]}, cockpit={"instance": RUN}))
    page = await olga.get(f"{COCKPIT}/processes/fulfilment/O1")
    assert page.html.select("header a.button") == []
    assert page.texts(".side a:not(form a)")[1:] == ["Today", "Cockpit"]


async def test_an_instance_that_there_is_not_is_404(olga: Browser) -> None:
    olga.read.answers("DeskProcess", data(me=ME, cockpit={"instance": None}))
    assert (await olga.get(f"{COCKPIT}/processes/fulfilment/O9")).status == 404
