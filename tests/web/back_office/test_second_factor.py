"""The second step of a login of staff: a code, a recovery code, and enrolling."""

from typing import Any

import pytest

from tests.support.fixtures.pages import UNREACHABLE, Browser, Page, problem
from tests.web.back_office.test_login import TOKENS
from web.forms.second_factor import in_groups, secret_of
from web.ports import Reply

SECRET = "JBSWY3DPEHPK3PXP"
APP = f"otpauth://totp/Counterfoil:staff?secret={SECRET}&issuer=Counterfoil"
ENTER, ENROL = "POST /auth/login/second-factor", "POST /auth/second-factor/enrol"
ADA: dict[str, Any] = {"email": "ada@shop.example", "password": "a long pass phrase"}
ENTERED = Reply(200, {**TOKENS, "recovery_codes": []})


def demanded(*, enrolled: bool) -> Reply:
    return problem(401, "second-factor-required", challenge="challenge-1", enrolled=enrolled)


def fields(page: Page) -> dict[str, Any]:
    """The hidden fields of the form, as a browser sends them."""
    return {str(it["name"]): str(it["value"]) for it in page.html.select("form[novalidate] input[type=hidden]")}


async def first_step(browser: Browser, *, enrolled: bool = True, to: str = "/desk/stock?below=3") -> Page:
    browser.write.answers("POST /auth/login", demanded(enrolled=enrolled))
    browser.write.answers(ENROL, Reply(200, {"secret": SECRET, "uri": APP, "qr_svg": "<svg>"}))
    return await browser.post("/desk/login", to=to, **ADA)


@pytest.mark.parametrize(("typed", "sent"), [("492 039", "492039"), (" 0f1e2d3c4b5a69788796 ", "0f1e2d3c4b5a69788796")])
async def test_a_code_or_a_recovery_code_leads_to_where_the_member_was_going(
    browser: Browser, typed: str, sent: str
) -> None:
    asked = await first_step(browser)
    assert (asked.status, asked.text("h1"), asked.html.select(".qr")) == (200, "Second factor", [])
    assert (browser.sessions.kept, browser.write.to("/auth/second-factor/enrol")) == ({}, [])
    browser.write.answers(ENTER, ENTERED)
    page = await browser.post("/desk/login/second-factor", code=typed, **fields(asked))
    assert (page.status, page.location) == (303, "/desk/stock?below=3")
    assert browser.write.sent[-1].body == {"challenge": "challenge-1", "code": sent, "device": "A browser"}
    session = browser.session
    assert (session.subject, session.is_staff, session.email) == ("s-1", True, "ada@shop.example")


@pytest.mark.parametrize("enrolled", [True, False])
async def test_a_wrong_or_used_code_is_asked_for_again(browser: Browser, enrolled: bool) -> None:
    asked = await first_step(browser, enrolled=enrolled)
    browser.write.answers(ENTER, problem(401, "wrong-code", detail="Wrong, used, or over."))
    page = await browser.post("/desk/login/second-factor", code="000000", **fields(asked))
    assert (page.status, page.text(".summary"), page.field("#code")) == (422, "Wrong, used, or over.", "")
    assert fields(page) == fields(asked)
    assert page.texts(".secret") == asked.texts(".secret")
    assert browser.sessions.kept == {}
    assert len(browser.write.to("/auth/second-factor/enrol")) == (0 if enrolled else 1)


async def test_a_code_that_is_missing_reaches_no_api(browser: Browser) -> None:
    asked = await first_step(browser)
    page = await browser.post("/desk/login/second-factor", code=" ", **fields(asked))
    assert (page.status, page.text("#code-fault")) == (422, "Enter the six digits that the app shows.")
    assert browser.write.to("/auth/login/second-factor") == []


@pytest.mark.parametrize(
    "reply", [problem(401, "challenge-over"), problem(422, "invalid", errors=[{"field": "challenge", "reason": "x"}])]
)
async def test_after_five_minutes_the_login_begins_again(browser: Browser, reply: Reply) -> None:
    asked = await first_step(browser)
    browser.write.answers(ENTER, reply)
    page = await browser.post("/desk/login/second-factor", code="492039", **fields(asked))
    assert (page.status, page.text("h1")) == (422, "Back office")
    assert page.text(".summary") == "That took longer than five minutes. Sign in again."
    assert page.field("form[action='/desk/login'] [name=to]") == "/desk/stock?below=3"
    assert (page.field("#email"), page.field("#password")) == ("ada@shop.example", "")
    assert browser.sessions.kept == {}


@pytest.mark.parametrize(
    ("reply", "status", "wait"),
    [(problem(429, "too-many-attempts", retry_after=290), 429, "290"), (UNREACHABLE, 503, "1")],
)
async def test_a_code_that_cannot_be_checked_now_can_be_sent_later(
    browser: Browser, reply: Reply | Exception, status: int, wait: str
) -> None:
    asked = await first_step(browser)
    browser.write.answers(ENTER, reply)
    page = await browser.post("/desk/login/second-factor", code="492039", **fields(asked))
    assert (page.status, page.response.headers["retry-after"], fields(page)) == (status, wait, fields(asked))


async def test_a_member_without_a_second_factor_enrols_and_sees_the_recovery_codes_once(browser: Browser) -> None:
    asked = await first_step(browser, enrolled=False)
    assert browser.write.sent[-1].body == {"challenge": "challenge-1"}
    assert asked.text("h1") == "Set up a second factor"
    assert (asked.text(".qr title"), asked.text(".secret")) == ("QR code of the secret", "JBSW Y3DP EHPK 3PXP")
    assert [it["href"] for it in asked.html.select("main a")] == [APP, "/desk/login"]
    assert asked.response.headers["cache-control"] == "no-store"
    browser.write.answers(ENTER, Reply(200, {**TOKENS, "recovery_codes": ["aa11", "bb22"]}))
    page = await browser.post("/desk/login/second-factor", code="492039", **fields(asked))
    assert (page.status, page.texts(".codes li")) == (200, ["aa11", "bb22"])
    assert [it["href"] for it in page.html.select("main a")] == ["/desk/stock?below=3"]
    assert page.response.headers["cache-control"] == "no-store"
    assert browser.session.is_staff


async def test_a_member_who_enrolled_in_another_window_is_told(browser: Browser) -> None:
    browser.write.answers("POST /auth/login", demanded(enrolled=False))
    browser.write.answers(ENROL, problem(409, "already-enrolled", detail="There is one already."))
    page = await browser.post("/desk/login", **ADA)
    assert (page.status, page.text("h1"), page.text(".summary")) == (422, "Back office", "There is one already.")


async def test_an_invitation_of_a_member_with_a_second_factor_asks_for_it(browser: Browser) -> None:
    browser.write.answers("POST /staff/join", demanded(enrolled=True))
    asked = await browser.post("/desk/join", token="abc", password="a long pass phrase")
    assert fields(asked) == {"challenge": "challenge-1", "to": "/desk", "email": "", "enrolled": "yes"}
    browser.write.answers(ENTER, ENTERED)
    assert (await browser.post("/desk/login/second-factor", code="492039", **fields(asked))).location == "/desk"
    assert browser.session.email is None


@pytest.mark.parametrize("to", ["//evil.example", "/desk//evil.example", "https://evil.example", "/cart", "/desklamp"])
async def test_the_second_step_leads_into_the_back_office_and_nowhere_else(browser: Browser, to: str) -> None:
    browser.write.answers(ENTER, ENTERED)
    page = await browser.post("/desk/login/second-factor", challenge="c", code="492039", to=to)
    assert page.location == "/desk"


@pytest.mark.parametrize(
    "app", ["javascript:alert(1)", "https://evil.example/?secret=A", "otpauth://totp/[?", "x" * 2_000]
)
async def test_no_address_but_that_of_an_authenticator_app_is_shown(browser: Browser, app: str) -> None:
    browser.write.answers(ENTER, problem(401, "wrong-code"))
    page = await browser.post("/desk/login/second-factor", challenge="c", code="1", app=app)
    assert (page.html.select(".qr"), "app" in fields(page), app in page.response.text) == ([], False, False)


@pytest.mark.parametrize(
    ("address", "secret"), [(APP, SECRET), ("otpauth://totp/x", ""), ("otpauth://hotp/x?secret=A", "")]
)
def test_the_secret_is_read_from_the_address_of_the_app(address: str, secret: str) -> None:
    assert secret_of(address) == secret


def test_a_secret_is_shown_in_groups_of_four() -> None:
    assert [in_groups(it) for it in ("", "ABCD", "ABCDEFGHI")] == ["", "ABCD", "ABCD EFGH I"]


async def test_a_form_of_another_site_enters_nobody(browser: Browser) -> None:
    page = await browser.post("/desk/login/second-factor", site="cross-site", challenge="c", code="492039")
    assert (page.status, browser.write.sent) == (403, [])
