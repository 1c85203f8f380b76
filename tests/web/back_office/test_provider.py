"""Signing in at the identity provider: off to it, and back into the same browser only."""

from collections.abc import AsyncIterator

import pytest

from tests.support.fixtures.pages import ADDRESS, Browser, browsing, problem
from tests.web.back_office.test_login import TOKENS
from web.ports import Reply, Shop

AT = "https://login.example/authorize?state=s-1"
BEGIN, COMPLETE = "POST /auth/provider/begin", "POST /auth/provider/complete"
BACK = "/desk/login/provider/back"


@pytest.fixture
async def ada() -> AsyncIterator[Browser]:
    async with browsing(Shop(address=ADDRESS, staff_provider="Corp Login")) as browser:
        browser.write.answers(BEGIN, Reply(200, {"address": AT, "state": "s-1"}))
        browser.write.answers(COMPLETE, Reply(200, TOKENS))
        yield browser


async def test_a_member_goes_to_the_provider_and_comes_back_to_where_they_were_going(ada: Browser) -> None:
    shown = await ada.get("/desk/login?to=/desk/stock?below=3")
    (link,) = [str(it["href"]) for it in shown.html.select("a.button")]
    assert "Corp Login" in shown.text("a.button")
    left = await ada.get(link)
    assert (left.status, left.location) == (303, AT)
    assert ada.write.sent[-1].body == {"fresh": False}
    entered = await ada.get(f"{BACK}?state=s-1&code=c&iss=https://login.example")
    assert (entered.status, entered.location) == (303, "/desk/stock?below=3")
    sent = {"state": "s-1", "code": "c", "device": "A browser", "iss": "https://login.example"}
    assert ada.write.sent[-1].body == sent
    assert ada.session.is_staff
    again = await ada.get(f"{BACK}?state=s-1&code=c")
    assert (again.status, len(ada.write.to("/auth/provider/complete"))) == (422, 1)


async def test_a_login_that_another_browser_began_is_not_completed_here(ada: Browser) -> None:
    for query in ("state=s-1&code=c", "code=c", "state=&code=c"):
        page = await ada.get(f"{BACK}?{query}")
        assert (page.status, page.text(".summary")) == (
            422,
            "This sign-in was begun elsewhere, or too long ago. Begin again.",
        )
    await ada.get("/desk/login/provider")
    assert (await ada.get(f"{BACK}?state=s-2&code=c")).status == 422
    assert (ada.write.to("/auth/provider/complete"), ada.sessions.kept) == ([], {})


async def test_what_went_wrong_is_told_and_opens_nothing(ada: Browser) -> None:
    await ada.get("/desk/login/provider")
    assert "broken off" in (await ada.get(f"{BACK}?state=s-1&error=access_denied")).text(".summary")
    for status, kind in ((403, "not-invited"), (401, "provider-refused"), (502, "provider-away")):
        ada.write.answers(COMPLETE, problem(status, kind))
        await ada.get("/desk/login/provider")
        page = await ada.get(f"{BACK}?state=s-1&code=c")
        assert (page.status, page.text(".summary")) == (422, kind)
    ada.write.answers(BEGIN, problem(502, "provider-away"))
    away = await ada.get("/desk/login/provider")
    assert (away.text(".summary"), away.field("form[novalidate] [name=to]")) == ("provider-away", "/desk")
    assert ada.sessions.kept == {}


async def test_an_invitation_is_completed_at_the_provider(ada: Browser) -> None:
    shown = await ada.get("/desk/join?token=abc")
    assert (await ada.get(str(shown.html.select("a.button")[0]["href"]))).location == AT
    assert ada.write.sent[-1].body == {"invitation": "abc"}


async def test_a_second_factor_is_asked_for_afterwards(ada: Browser) -> None:
    ada.write.answers(COMPLETE, problem(401, "second-factor-required", challenge="c-1", enrolled=True))
    await ada.get("/desk/login/provider?to=/desk/stock")
    assert (await ada.get(f"{BACK}?state=s-1&code=c")).text("h1") == "Second factor"


async def test_a_login_that_is_too_old_is_asked_for_anew(ada: Browser) -> None:
    await ada.begin(roles=("staff",))
    shown = await ada.get("/desk/login/again?to=/desk/staff")
    await ada.get(str(shown.html.select("a.button")[0]["href"]))
    assert ada.write.sent[-1].body == {"fresh": True}


async def test_without_a_provider_there_is_no_button_and_with_it_alone_no_form(browser: Browser) -> None:
    assert (await browser.get("/desk/login")).html.select("a.button") == []
    assert (await browser.get("/desk/login/provider")).status == 404
    async with browsing(Shop(address=ADDRESS, staff_provider="Corp Login", staff_provider_only=True)) as only:
        shown = await only.get("/desk/login")
        assert (len(shown.html.select("a.button")), shown.html.select("#password")) == (1, [])
