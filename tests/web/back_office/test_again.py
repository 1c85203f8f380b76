"""Dangerous commands ask for the password again, and lead back to the page that sent them."""

from typing import Any

import pytest

from tests.support.fixtures.pages import NOW, Browser, Page, data, problem
from tests.web.back_office.answers import AT, connection, me, order_page
from tests.web.back_office.test_login import TOKENS
from web.ports import Reply
from web.texts.repeats import repeated

TOO_OLD = problem(403, "reauthentication-required")
WAY_BACK = "/desk/people/anna?repeat=forget"
AGAIN = "/desk/login/again"
PERSON = {"customerId": "anna", "orders": 1, "lastOrderAt": AT}


async def signed_in(browser: Browser, **fields: Any) -> None:
    ends = NOW.timestamp() + 3600
    known = {
        "subject": "s-1",
        "roles": ("staff",),
        "token": "access",
        "refresh": "refresh-0",
        "email": "ada@a.example",
    }
    await browser.begin(**{**known, "expires": ends, "ends": ends, **fields})
    browser.write.answers("POST /auth/logout", Reply(200, {"taken": True}))


def sent(page: Page) -> dict[str, Any]:
    """The hidden fields of the form, as a browser sends them."""
    return {str(it["name"]): str(it["value"]) for it in page.html.select("form[novalidate] input[type=hidden]")}


async def test_a_login_that_is_too_old_leads_to_the_password_and_back(browser: Browser) -> None:
    await signed_in(browser)
    browser.write.answers("POST /people/forget", TOO_OLD)
    page = await browser.post("/desk/people/anna/forget", key="k", subject="anna", reason="Letter 7")
    assert (page.status, page.location) == (303, f"{AGAIN}?to=%2Fdesk%2Fpeople%2Fanna&repeat=forget")
    asked = await browser.get(page.location)
    assert (asked.status, sent(asked)) == (200, {"to": "/desk/people/anna", "repeat": "forget"})
    assert "forget the person there" in asked.text("main")
    assert [it.get("name") for it in asked.html.select("form input:not([type=hidden])")] == [None, "password"]
    browser.write.answers("POST /auth/login", Reply(200, TOKENS))
    page = await browser.post(AGAIN, password=" a long pass phrase ", **sent(asked))
    assert (page.status, page.location) == (303, WAY_BACK)
    assert [it.body for it in browser.write.sent[1:]] == [
        {"email": "ada@a.example", "password": " a long pass phrase ", "as": "staff", "device": "A browser"},
        {"refresh_token": "refresh-0"},
    ]
    assert (browser.session.refresh, browser.session.email) == ("refresh", "ada@a.example")
    browser.read.answers("DeskPerson", data(me=me(), **connection("people", PERSON), **connection("orders")))
    assert "forget the person now" in (await browser.get(WAY_BACK)).text(".note")
    assert (await browser.get("/desk/people/anna")).html.select(".note") == []


@pytest.mark.parametrize(
    ("path", "command", "page", "repeat", "form"),
    [
        ("orders/o-1/refund", "POST /payments/pay-1/refunds", "orders/o-1", "refund", {"amount": "1", "reason": "x"}),
        (
            "cockpit/read-models/orders/rebuild",
            "POST /read-models/orders/rebuild",
            "cockpit",
            "rebuild",
            {"reason": "x"},
        ),
    ],
)
async def test_the_page_above_the_form_is_come_back_to(
    browser: Browser, path: str, command: str, page: str, repeat: str, form: dict[str, Any]
) -> None:
    await signed_in(browser)
    browser.read.answers("DeskOrder", order_page())
    browser.write.answers(command, TOO_OLD)
    answer = await browser.post(f"/desk/{path}", key="k", **form)
    assert answer.location == f"{AGAIN}?to=%2Fdesk%2F{page.replace('/', '%2F')}&repeat={repeat}"


async def test_a_script_is_sent_there_too(browser: Browser) -> None:
    await signed_in(browser)
    browser.write.answers("POST /people/forget", TOO_OLD)
    page = await browser.post("/desk/people/anna/forget", script=True, key="k", subject="anna", reason="Letter 7")
    assert (page.status, page.response.headers["hx-redirect"].partition("?")[0]) == (204, AGAIN)


async def test_a_wrong_password_is_told_at_its_field_and_changes_nothing(browser: Browser) -> None:
    await signed_in(browser)
    browser.write.answers("POST /auth/login", problem(401, "wrong-credentials"))
    page = await browser.post(AGAIN, password="no", to="/desk/people/anna", repeat="forget")
    assert (page.status, page.text("#password-fault")) == (422, "This is not your password.")
    assert (page.field("#password"), sent(page)) == ("", {"to": "/desk/people/anna", "repeat": "forget"})
    assert browser.session.refresh == "refresh-0"


async def test_the_address_cannot_be_another_one(browser: Browser) -> None:
    await signed_in(browser)
    browser.write.answers("POST /auth/login", Reply(200, TOKENS))
    await browser.post(AGAIN, email="eve@shop.example", password="p")
    assert browser.write.sent[0].body["email"] == "ada@a.example"  # type: ignore[index]


async def test_a_session_that_knows_no_address_asks_for_it(browser: Browser) -> None:
    await signed_in(browser, email=None)
    page = await browser.post(AGAIN, password="p")
    assert (page.status, page.texts(".field .fault")) == (422, ["Enter an e-mail address, such as anna@example.com."])
    browser.write.answers("POST /auth/login", Reply(200, TOKENS))
    assert (await browser.post(AGAIN, email="ada@a.example", password="p")).location == "/desk?repeat=it"
    assert browser.session.email == "ada@a.example"


async def test_the_second_factor_is_asked_for_again_too(browser: Browser) -> None:
    await signed_in(browser)
    browser.write.answers(
        "POST /auth/login", problem(401, "second-factor-required", challenge="challenge-1", enrolled=True)
    )
    asked = await browser.post(AGAIN, password="p", to="/desk/people/anna", repeat="forget")
    assert sent(asked) == {"to": WAY_BACK, "challenge": "challenge-1", "email": "ada@a.example", "enrolled": "yes"}
    browser.write.answers("POST /auth/login/second-factor", Reply(200, {**TOKENS, "recovery_codes": []}))
    page = await browser.post("/desk/login/second-factor", code="492039", **sent(asked))
    assert (page.location, browser.session.email) == (WAY_BACK, "ada@a.example")


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/cart", "/desk\\evil", AGAIN])
async def test_no_address_but_one_of_the_back_office_is_come_back_to(browser: Browser, to: str) -> None:
    await signed_in(browser)
    page = Page(await browser.client.get(AGAIN, params={"to": to, "repeat": "<script>"}))
    assert sent(page) == {"to": "/desk", "repeat": "it"}
    browser.write.answers("POST /auth/login", Reply(200, TOKENS))
    assert (await browser.post(AGAIN, password="p", to=to, repeat="forget")).location == "/desk?repeat=forget"


async def test_the_password_is_asked_of_staff_alone(browser: Browser) -> None:
    await browser.begin()
    assert (await browser.get(AGAIN)).location == "/desk/login?to=/desk/login/again"
    assert (await browser.post(AGAIN, password="p")).location == "/desk/login"
    await signed_in(browser)
    assert (await browser.post(AGAIN, site="cross-site", password="p")).status == 403
    assert browser.write.sent == []


def test_what_is_to_be_repeated_is_told_in_words_of_ours() -> None:
    assert [repeated(it) for it in ("", "refund", "<script>")] == ["", "refund the money", "send it again"]
