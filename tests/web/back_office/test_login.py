"""The way into the back office and out of it."""

from datetime import timedelta

import pytest

from tests.support.fixtures.pages import NOW, Browser, data, problem
from tests.web.back_office.answers import ALL, connection, me, works
from web.back_office import categories, fulfilment, order, orders, people, product, products, promotions, stock, today
from web.ports import Reply

PAGES = [
    route
    for it in (today, orders, order, fulfilment, products, product, categories, promotions, stock, people)
    for route in it.ROUTES
]


def a_token(**claims: object) -> str:
    import json
    from base64 import urlsafe_b64encode

    return f"h.{urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.s"


NO_ORDERS = data(me=me(), **connection("orders", total={"atLeast": 0, "exact": True}))
ENDS = (NOW + timedelta(hours=1)).timestamp()
TOKEN = a_token(exp=ENDS)


async def test_a_token_of_staff_opens_the_back_office_until_it_ends(browser: Browser) -> None:
    browser.read.answers("DeskLogin", data(me=me(*ALL)))
    page = await browser.post("/desk/login/token", token=TOKEN, to="/desk/orders?status=PLACED")
    assert (page.status, page.location) == (303, "/desk/orders?status=PLACED")
    session = browser.session
    assert (session.subject, session.is_staff, session.token, session.ends) == ("ada", True, TOKEN, ENDS)
    assert browser.read.sent[-1].headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Reply(401), "This token is not valid, or it has expired. Get a new one."),
        (data(me=None), "This token is not valid, or it has expired. Get a new one."),
        (data(me={"subject": "anna", "permissions": ["shop"]}), "This token is not of staff: it opens nothing here."),
        (data(me={"subject": "web", "permissions": []}), "This token is not of staff: it opens nothing here."),
    ],
)
async def test_other_tokens_open_nothing(browser: Browser, answer: Reply, fault: str) -> None:
    browser.read.answers("DeskLogin", answer)
    page = await browser.post("/desk/login/token", token=TOKEN)
    assert (page.status, page.text("#token-fault")) == (422, fault)
    assert browser.sessions.kept == {}
    assert page.html.select_one("#token").get("value") is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "to", ["//evil.example", "/desk//evil.example", "/desk\\evil", "https://evil.example", "/cart", ""]
)
async def test_a_login_leads_into_the_back_office_and_nowhere_else(browser: Browser, to: str) -> None:
    browser.read.answers("DeskLogin", data(me=me(*ALL)))
    assert (await browser.post("/desk/login/token", token=TOKEN, to=to)).location == "/desk"


async def test_signing_out_ends_the_session(browser: Browser) -> None:
    await works(browser)
    assert (await browser.post("/desk/logout")).location == "/desk/login"
    assert browser.sessions.kept == {}


@pytest.mark.parametrize("route", PAGES, ids=lambda it: f"{min(it.methods)} {it.path}")
@pytest.mark.parametrize("roles", [(), ("shopper",)])
async def test_no_page_of_the_back_office_is_for_others(
    browser: Browser, route: object, roles: tuple[str, ...]
) -> None:
    if roles:
        await browser.begin(roles=roles)
    path = route.path.replace("{id}", "x").replace("{sku}", "x").replace("{action}", "pick")  # type: ignore[attr-defined]
    posts = "POST" in route.methods  # type: ignore[attr-defined]
    page = await (browser.post(path, key="k") if posts else browser.get(path))
    assert (page.status, page.location.partition("?")[0]) == (303, "/desk/login")
    assert (browser.read.sent, browser.write.sent) == ([], [])


@pytest.mark.parametrize("route", [it for it in PAGES if "POST" in it.methods], ids=lambda it: it.path)
async def test_forms_of_other_sites_change_nothing(browser: Browser, route: object) -> None:
    await works(browser)
    path = route.path.replace("{id}", "x").replace("{sku}", "x").replace("{action}", "pick")  # type: ignore[attr-defined]
    assert (await browser.post(path, site="cross-site", key="k")).status == 403
    assert (browser.read.sent, browser.write.sent) == ([], [])


TOKENS = {
    "subject": "s-1",
    "access_token": "access",
    "expires_at": (NOW + timedelta(minutes=5)).isoformat(),
    "refresh_token": "refresh",
    "refresh_expires_at": (NOW + timedelta(hours=12)).isoformat(),
}
SECRET = " a long pass phrase "


async def test_a_member_of_staff_signs_in_with_address_and_password(browser: Browser) -> None:
    browser.write.answers("POST /auth/login", Reply(200, TOKENS))
    page = await browser.post("/desk/login", email="ada@shop.example", password=SECRET, to="/desk/stock")
    assert page.location == "/desk/stock"
    sent = browser.write.sent[-1].body
    assert sent is not None
    assert (sent["email"], sent["password"], sent["as"]) == ("ada@shop.example", SECRET, "staff")
    assert (browser.session.subject, browser.session.is_staff, browser.session.refresh) == ("s-1", True, "refresh")


async def test_a_wrong_password_is_told_and_not_shown_again(browser: Browser) -> None:
    browser.write.answers("POST /auth/login", problem(401, "wrong-credentials", detail="Check both."))
    page = await browser.post("/desk/login", email="ada@shop.example", password="wrong one", to="//evil")
    assert (page.status, page.field("#email"), page.field("#password")) == (422, "ada@shop.example", "")
    assert page.field("form[action='/desk/login'] [name=to]") == "/desk"
    assert browser.sessions.kept == {}


async def test_behind_an_invitation_a_password_is_chosen(browser: Browser) -> None:
    browser.write.answers("POST /staff/join", Reply(201, TOKENS))
    shown = await browser.get("/desk/join?token=abc")
    page = await browser.post("/desk/join", token=shown.field("form[novalidate] [name=token]"), password=SECRET)
    assert page.location == "/desk"
    assert browser.session.is_staff
    assert browser.write.sent[-1].body["token"] == "abc"  # type: ignore[index]


async def test_an_invitation_that_is_over_says_so(browser: Browser) -> None:
    browser.write.answers("POST /staff/join", problem(422, "link-not-valid"))
    page = await browser.post("/desk/join", token="abc", password=SECRET)
    assert (page.status, page.text("h1")) == (422, "This link does not work any more")
    assert (await browser.get("/desk/join")).text("h1") == "This link does not work any more"


async def test_signing_out_ends_the_tokens_of_a_member_too(browser: Browser) -> None:
    ends = NOW.timestamp() + 3600
    await browser.begin(subject="s-1", roles=("staff",), token="access", refresh="refresh", expires=ends, ends=ends)
    browser.write.answers("POST /auth/logout", Reply(503))
    assert (await browser.post("/desk/logout")).location == "/desk/login"
    assert browser.write.sent[0].body == {"refresh_token": "refresh"}
    assert browser.sessions.kept == {}


@pytest.mark.parametrize(("replies", "status"), [((Reply(503), NO_ORDERS), 200), ((Reply(503), Reply(503)), 503)])
async def test_the_page_of_a_member_who_has_just_joined_waits_once_for_the_read_api_to_know_them(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, replies: tuple[Reply, ...], status: int
) -> None:
    monkeypatch.setattr("web.http.visit.ROSTER_READ_WITHIN", 0.001)
    await works(browser)
    browser.read.answers("DeskOrders", *replies)
    assert (await browser.get("/desk/orders")).status == status
    assert len(browser.read.sent) == 2
