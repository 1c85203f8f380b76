"""The publisher in the cockpit: how far it is, and dead letters that are sent again."""

from uuid import UUID

import pytest

from tests.support.fixtures.pages import Browser, accepted, problem
from tests.web.back_office.test_cockpit import COCKPIT, NOON, cockpit

LETTER = {
    "position": "7",
    "stream": "stock-MUG",
    "revision": 0,
    "eventId": str(UUID(int=9)),
    "type": "stock.received.v1",
    "error": "Large.",
    "asked": 1,
}
PUBLISHER = {
    "position": "9",
    "lagEvents": 1234,
    "trouble": "KafkaError: away",
    "reportedAt": NOON,
    "silent": True,
    "waiting": 51,
    "deadLetters": [LETTER],
}


@pytest.fixture
async def olga(browser: Browser) -> Browser:
    await browser.begin(roles=("staff",))
    return browser


async def test_a_publisher_is_shown_with_what_it_could_not_publish(olga: Browser) -> None:
    olga.read.answers("DeskCockpit", cockpit(publisher=PUBLISHER))
    page = await olga.get(COCKPIT)
    assert "1,234 events the publisher is behind" in page.texts(".dials li.bad")
    assert page.texts("#publisher .tag") == ["not at work", "interrupted"]
    assert page.rows("#publisher tbody tr") == [
        ["7", "stock.received stock-MUG #0", "Large. sent again 1 time", "Send again Why? Send again"]
    ]
    assert page.html.select("#publisher tbody a")[0]["href"] == "/desk/history/stock-MUG?event=0#moment"


async def test_a_shop_that_does_not_publish_has_no_publisher(olga: Browser) -> None:
    olga.read.answers("DeskCockpit", cockpit())
    assert (await olga.get(COCKPIT)).html.select("#publisher") == []


async def test_a_dead_letter_is_sent_again_for_a_reason(olga: Browser) -> None:
    olga.read.answers("DeskCockpit", cockpit(publisher=PUBLISHER))
    form = (await olga.get(COCKPIT)).html.select_one("#publisher form")
    assert form is not None
    assert form["action"] == f"{COCKPIT}/dead-letters/{LETTER['eventId']}/resend"
    path = f"POST /dead-letters/{LETTER['eventId']}/resend"
    olga.write.answers(path, accepted(53, 0))
    page = await olga.post(str(form["action"]), key="k", reason=" The limit is higher now ")
    assert (page.status, page.location) == (303, COCKPIT)
    sent = olga.write.sent[-1]
    assert (sent.body, sent.headers["Idempotency-Key"]) == ({"reason": "The limit is higher now"}, "k")
    olga.write.answers(path, problem(404, "dead-letter-not-found", detail="No dead letter waits."))
    page = await olga.post(str(form["action"]), key="k2", reason="again")
    assert (page.status, page.text(".note")) == (422, "No dead letter waits.")


async def test_who_may_not_operate_has_no_form_for_dead_letters(olga: Browser) -> None:
    olga.read.answers("DeskCockpit", cockpit(me={"permissions": ["audit"]}, publisher=PUBLISHER))
    assert (await olga.get(COCKPIT)).html.select("#publisher form") == []
