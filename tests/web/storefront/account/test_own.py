"""The pages of an account: profile, password, address, address book, consents, devices, deletion."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.support.fixtures.pages import NOW, Browser, accepted, data, failed, problem, usd
from web.ports import Reply

AT = NOW.isoformat()
HOSTILE = '"><script>alert(1)</script>{{ 7*7 }}'
PROFILE = Reply(
    200,
    {"subject": "shopper-1", "email": "anna@shop.example", "name": "Anna Berg", "phone": None, "registered_at": AT},
)
TOKENS: dict[str, Any] = {
    "subject": "shopper-1",
    "access_token": "access-2",
    "expires_at": (NOW + timedelta(minutes=5)).isoformat(),
    "refresh_token": "refresh-2",
    "refresh_expires_at": (NOW + timedelta(days=30)).isoformat(),
}
PLACE: dict[str, Any] = {
    "name": "Anna Berg",
    "street": "Bergstrasse 1",
    "postal_code": "8001",
    "city": "Zürich",
    "region": "",
}
TAKEN = Reply(200, {"taken": True})
PAGES = [
    "",
    "/profile",
    "/password",
    "/email",
    "/addresses",
    "/addresses/new",
    "/consents",
    "/devices",
    "/data",
    "/delete",
]
FORMS = [
    "profile",
    "password",
    "email",
    "addresses/new",
    "addresses/a-1",
    "addresses/a-1/remove",
    "addresses/a-1/deliver-here",
    "consents/newsletter",
    "devices/others/end",
    "devices/all/end",
    "data",
    "devices/s-1/end",
    "delete/confirm",
]


def address(address_id: str = "a-1", **more: Any) -> dict[str, Any]:
    known = {"address_id": address_id, "country": "CH", "for_delivery": False, "for_billing": True}
    return {**PLACE, **known, **more}


def book(browser: Browser, *addresses: dict[str, Any]) -> None:
    browser.write.answers("GET /account/addresses", Reply(200, {"addresses": list(addresses)}))


def devices(browser: Browser, *ids: str) -> None:
    found = [{"session_id": it, "device": it, "started_at": AT, "seen_at": AT, "present": it == ids[0]} for it in ids]
    browser.write.answers("GET /auth/sessions", Reply(200, {"sessions": found}))


@pytest.mark.parametrize("path", PAGES)
async def test_strangers_and_guests_sign_in_first_and_come_back(browser: Browser, path: str) -> None:
    for _ in range(2):
        page = await browser.get(f"/account{path}")
        assert (page.status, page.location) == (303, f"/account/login?to=/account{path}")
        await browser.begin()
    assert browser.write.sent == []


@pytest.mark.parametrize("form", FORMS)
async def test_a_form_is_for_who_has_signed_in_and_from_our_own_pages(browser: Browser, form: str) -> None:
    await browser.begin()
    assert (await browser.post(f"/account/{form}")).location == "/account/login"
    await browser.begin(subject="s", token="t", refresh="r")
    assert (await browser.post(f"/account/{form}", site="cross-site")).status == 403
    await browser.begin(subject="s", token="t", refresh="r", roles=("staff",))
    assert (await browser.post(f"/account/{form}")).location == "/account/login"
    assert browser.write.sent == []


async def test_the_overview_shows_profile_address_and_latest_orders(anna: Browser) -> None:
    anna.write.answers("GET /account", PROFILE)
    book(anna, address(), address("a-2", for_delivery=True, street=HOSTILE))
    order = {"orderId": "o", "status": "PLACED", "placedAt": AT, "total": usd(100)}
    line = {"title": HOSTILE, "product": None}
    edges = [{"node": {**order, "orderId": f"o-{it}", "number": f"N-{it}", "lines": [line]}} for it in range(5)]
    anna.read.answers("Orders", data(me={"orders": {"edges": edges, "pageInfo": None}}))
    page = await anna.get("/account")
    assert (page.status, page.text("h1")) == (200, "Hello, Anna")
    assert page.response.headers["cache-control"] == "no-store"
    assert [it["href"] for it in page.html.select(".orders a")] == ["/orders/o-0", "/orders/o-1", "/orders/o-2"]
    assert HOSTILE in page.text("address")
    assert page.text("address").endswith("Switzerland")
    assert page.html.select("main script") == []


async def test_the_overview_stands_while_orders_cannot_be_read(anna: Browser) -> None:
    anna.write.answers("GET /account", PROFILE)
    book(anna)
    anna.read.answers("Orders", failed("REBUILDING", "me"))
    page = await anna.get("/account?after=profile")
    assert page.texts(".note") == ["Your profile is saved.", "Your orders cannot be shown at this moment. Look again"]


async def test_an_account_that_cannot_be_read_is_503(anna: Browser) -> None:
    anna.write.answers("GET /account", problem(503, "store-unavailable"))
    assert (await anna.get("/account")).status == 503


async def test_a_token_is_refreshed_once_for_two_tabs(browser: Browser) -> None:
    await browser.begin(subject="shopper-1", token="access-1", refresh="refresh-1", expires=NOW.timestamp())
    browser.write.answers("POST /auth/refresh", Reply(200, TOKENS))
    browser.write.answers("GET /account/consents", Reply(200, {"consents": []}))
    pages = await asyncio.gather(browser.get("/account/consents"), browser.get("/account/consents"))
    assert [it.status for it in pages] == [200, 200]
    assert len(browser.write.to("/auth/refresh")) == 1
    read = browser.write.to("/account/consents")
    assert [it.headers["Authorization"] for it in read] == ["Bearer access-2"] * 2


async def test_a_session_that_was_ended_elsewhere_leads_to_the_login(anna: Browser) -> None:
    anna.write.answers("GET /account", problem(401, "session-over"))
    page = await anna.get("/account")
    assert page.location == "/account"
    assert (await anna.get(page.location)).location == "/account/login?to=/account"


async def test_a_profile_is_changed_and_the_header_knows(anna: Browser) -> None:
    anna.write.answers("GET /account", PROFILE)
    assert (await anna.get("/account/profile")).field("#name") == "Anna Berg"
    anna.write.answers("PATCH /account", accepted(9, 4))
    page = await anna.post("/account/profile", name="Bo Ek", phone="", key="k")
    assert page.location == "/account?after=profile"
    sent = anna.write.sent[-1]
    assert (sent.body, sent.headers["Idempotency-Key"]) == ({"name": "Bo Ek", "phone": ""}, "k")
    assert (anna.session.first_name, anna.session.position) == ("Bo", "9")


async def test_a_refused_profile_keeps_what_was_typed(anna: Browser) -> None:
    fault = problem(422, "invalid-request", errors=[{"field": "phone", "reason": "Too long"}])
    anna.write.answers("PATCH /account", fault)
    page = await anna.post("/account/profile", name=HOSTILE, phone="1", email=HOSTILE, key="k")
    assert (page.status, page.field("#name"), page.text("#phone-fault")) == (422, HOSTILE, "Too long")
    assert page.html.select("main script") == []
    assert page.field("main form input[name=key]") != "k"


async def test_a_password_is_changed_by_the_present_one(anna: Browser) -> None:
    anna.write.answers("PUT /auth/password", problem(401, "wrong-credentials"), TAKEN)
    wrong = await anna.post("/account/password", current="no", new="a good password")
    assert (wrong.status, wrong.text("#current-fault")) == (422, "This is not your password.")
    assert (wrong.field("#current"), wrong.field("#new")) == ("", "")
    page = await anna.post("/account/password", current=" a ", new=" b ")
    assert page.location == "/account?after=password"
    assert anna.write.sent[-1].body == {"current": " a ", "new": " b "}


async def test_a_weak_new_password_is_told_at_its_field(anna: Browser) -> None:
    weak = problem(422, "weak-password", errors=[{"field": "password", "reason": "It repeats."}])
    anna.write.answers("PUT /auth/password", weak)
    page = await anna.post("/account/password", current="a", new="aaaaaaaaaaaa")
    assert (page.text("#new-fault"), page.texts("#current-fault")) == ("It repeats.", [])


async def test_a_new_address_is_asked_for_with_the_password(anna: Browser) -> None:
    anna.write.answers("POST /auth/email", problem(401, "wrong-credentials"), Reply(202, {"taken": True}))
    wrong = await anna.post("/account/email", email="b@shop.example", password="no")
    assert (wrong.text("#password-fault"), wrong.field("#email")) == ("This is not your password.", "b@shop.example")
    page = await anna.post("/account/email", email="b@shop.example", password="yes")
    assert page.location == "/account/mail?again=/account/email"


async def test_the_address_book_lists_the_default_first(anna: Browser) -> None:
    book(anna, address(street=HOSTILE), address("a-2", for_delivery=True))
    page = await anna.get("/account/addresses")
    changes = [it["href"] for it in page.html.select(".book .row a")]
    assert changes == ["/account/addresses/a-2", "/account/addresses/a-1"]
    assert [it["action"] for it in page.html.select(".book form")] == [
        "/account/addresses/a-2/remove",
        "/account/addresses/a-1/deliver-here",
        "/account/addresses/a-1/remove",
    ]
    assert page.html.select("main script") == []


async def test_an_address_is_added_changed_and_removed(anna: Browser) -> None:
    anna.write.answers("POST /account/addresses", accepted(9, 2, address_id="a-1"))
    anna.write.answers("PUT /account/addresses/a-1", accepted(10, 3))
    anna.write.answers("DELETE /account/addresses/a-1", accepted(11, 4))
    book(anna, address())
    fields: dict[str, Any] = {**PLACE, "country": "CH", "for_delivery": "yes"}
    assert (await anna.post("/account/addresses/new", key="k", **fields)).location == "/account/addresses"
    body = {**PLACE, "country": "CH", "for_delivery": True, "for_billing": False}
    assert anna.write.sent[-1].body == body
    assert (await anna.get("/account/addresses/a-1")).field("#street") == "Bergstrasse 1"
    await anna.post("/account/addresses/a-1", key="k", **{**fields, "city": "Bern"})
    assert anna.write.sent[-1].body == {**body, "city": "Bern"}
    await anna.post("/account/addresses/a-1/deliver-here", key="k")
    assert anna.write.sent[-1].body == {**body, "for_billing": True}
    await anna.post("/account/addresses/a-1/remove", key="k")
    assert (anna.write.sent[-1].method, anna.write.sent[-1].path) == ("DELETE", "/account/addresses/a-1")


async def test_an_address_without_its_parts_reaches_no_api(anna: Browser) -> None:
    page = await anna.post("/account/addresses/new", name=HOSTILE, street="", city="", country="CH", key="k")
    assert (page.status, page.field("#name"), page.field("main input[name=key]")) == (422, HOSTILE, "k")
    assert (page.text("#street-fault"), page.text("#city-fault")) == (
        "Enter the street and the number.",
        "Enter the town or city.",
    )
    assert anna.write.sent == []


@pytest.mark.parametrize("method", ["get", "post"])
async def test_what_can_be_no_address_is_not_there(anna: Browser, method: str) -> None:
    book(anna, address())
    fields: dict[str, Any] = {**PLACE, "country": "CH"} if method == "post" else {}
    assert (await getattr(anna, method)("/account/addresses/..%2Fconsents", **fields)).status == 404
    assert (await anna.get("/account/addresses/a-9")).status == 404


async def test_an_address_book_that_is_full_says_so(anna: Browser) -> None:
    anna.write.answers("POST /account/addresses", problem(409, "too-many-addresses", detail="There are 20."))
    page = await anna.post("/account/addresses/new", key="k", **{**PLACE, "country": "CH"})
    assert (page.status, page.text(".summary")) == (422, "There are 20.")


async def test_a_consent_is_given_with_its_wording_and_withdrawn(anna: Browser) -> None:
    history = [
        {"purpose": "newsletter", "given": True, "wording": HOSTILE, "at": AT},
        {"purpose": "newsletter", "given": False, "wording": None, "at": AT},
    ]
    anna.write.answers("GET /account/consents", Reply(200, {"consents": history}))
    page = await anna.get("/account/consents")
    assert page.texts(".strip b") == ["withdrawn", "given"]
    assert (page.text(".consent .tag"), page.html.select("main script")) == ("Not given", [])
    anna.write.answers("PUT /account/consents/newsletter", accepted(9, 2))
    anna.write.answers("DELETE /account/consents/newsletter", accepted(10, 3))
    await anna.post("/account/consents/newsletter", give="yes", key="k")
    assert anna.write.sent[-1].body == {"wording": "newsletter-2026-11"}
    await anna.post("/account/consents/newsletter", give="", key="k")
    assert anna.write.sent[-1].method == "DELETE"
    assert (await anna.post("/account/consents/everything", give="yes")).status == 404


async def test_a_deletion_takes_two_steps_and_the_password(anna: Browser) -> None:
    first = await anna.get("/account/delete")
    assert [it["href"] for it in first.html.select("main .row a")] == ["/account/delete/confirm", "/account"]
    assert first.html.select("main form") == []
    anna.write.answers("GET /account", PROFILE)
    anna.write.answers("POST /auth/login", Reply(200, TOKENS))
    anna.write.answers("POST /auth/logout", TAKEN)
    anna.write.answers("DELETE /account", accepted(9, 4))
    page = await anna.post("/account/delete/confirm", password="yes", key="k")
    assert (page.location, anna.sessions.kept) == ("/account/login?after=deleted", {})
    sent = anna.write.sent[-1]
    assert (sent.method, sent.headers["Authorization"]) == ("DELETE", "Bearer access-2")
    assert (await anna.get(page.location)).text(".note") == "Your account is deleted."


async def test_a_wrong_password_deletes_nothing(anna: Browser) -> None:
    anna.write.answers("GET /account", PROFILE)
    anna.write.answers("POST /auth/login", problem(401, "wrong-credentials"))
    page = await anna.post("/account/delete/confirm", password="no", key="k")
    assert (page.status, page.text("#password-fault")) == (422, "This is not your password.")
    assert (await anna.post("/account/delete/confirm")).text("#password-fault") == "Enter a password."
    assert [it.method for it in anna.write.sent if it.method == "DELETE"] == []
    assert anna.session.refresh == "refresh-1"
