"""The way into the back office and out of it."""

from datetime import timedelta

import pytest

from tests.support.fixtures.pages import NOW, Browser, data
from tests.web.back_office.answers import ALL, me, works
from web.back_office import categories, fulfilment, order, orders, people, product, products, stock, today
from web.ports import Reply

PAGES = [
    route
    for it in (today, orders, order, fulfilment, products, product, categories, stock, people)
    for route in it.ROUTES
]


def a_token(**claims: object) -> str:
    import json
    from base64 import urlsafe_b64encode

    return f"h.{urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.s"


ENDS = (NOW + timedelta(hours=1)).timestamp()
TOKEN = a_token(exp=ENDS)


async def test_a_token_of_staff_opens_the_back_office_until_it_ends(browser: Browser) -> None:
    browser.read.answers("DeskLogin", data(me=me(*ALL)))
    page = await browser.post("/desk/login", token=TOKEN, to="/desk/orders?status=PLACED")
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
    page = await browser.post("/desk/login", token=TOKEN)
    assert (page.status, page.text("#token-fault")) == (422, fault)
    assert browser.sessions.kept == {}
    assert page.html.select_one("#token").get("value") is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "to", ["//evil.example", "/desk//evil.example", "/desk\\evil", "https://evil.example", "/cart", ""]
)
async def test_a_login_leads_into_the_back_office_and_nowhere_else(browser: Browser, to: str) -> None:
    browser.read.answers("DeskLogin", data(me=me(*ALL)))
    assert (await browser.post("/desk/login", token=TOKEN, to=to)).location == "/desk"


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
