"""Passkeys on the pages of shoppers: options for the script, forms with its answer, and accounts without a password."""

import json
from typing import Any

import pytest

from tests.support.fixtures.pages import NOW, UNREACHABLE, Browser, problem
from tests.web.storefront.account.test_own import PROFILE, TAKEN, TOKENS
from web.ports import Reply

ANSWER = {"id": "k", "rawId": "k", "type": "public-key", "response": {}}
OPTIONS = Reply(200, {"options": {"challenge": "c"}})
LOGIN, REGISTER, OWN = "/account/login/passkey", "/account/register/complete", "/account/passkeys"
TOO_OLD = problem(403, "reauthentication-required")
REFUSED = problem(401, "passkey-refused", detail="The passkey was not accepted.")


def without_password(browser: Browser, **more: Any) -> None:
    key = {"passkey_id": "p-1", "name": "<b>Phone</b>", "added_at": NOW.isoformat(), "used_at": None, **more}
    methods = {"password": False, "authenticator_app": False, "passkeys": [key]}
    browser.write.answers("GET /auth/login-methods", Reply(200, methods))
    browser.write.answers("GET /account", PROFILE)


@pytest.mark.parametrize("page", ["/account/login", "/account/register/complete?token=t-1"])
async def test_without_a_script_a_page_says_what_else_can_be_done(browser: Browser, page: str) -> None:
    shown = await browser.get(page)
    (form,) = shown.html.select("form[data-passkey]")
    assert form.has_attr("hidden")
    assert "needs JavaScript" in shown.text("[data-passkey-without]")


async def test_a_visitor_signs_in_and_brings_the_cart_along(browser: Browser) -> None:
    browser.write.answers("POST /auth/login/passkey/options", OPTIONS)
    asked = await browser.post(f"{LOGIN}/options", to="/orders")
    assert asked.response.json() == OPTIONS.document
    await browser.begin(cart="cart-1")
    browser.write.answers("POST /auth/login/passkey", Reply(200, TOKENS))
    browser.write.answers("GET /account", PROFILE)
    entered = await browser.post(LOGIN, to="/orders", passkey=json.dumps(ANSWER))
    assert (entered.status, entered.location, browser.session.subject) == (303, "/orders", "shopper-1")
    (sent,) = browser.write.to("/auth/login/passkey")
    assert sent.body == {
        "passkey": ANSWER,
        "device": "A browser",
        "guest_token": browser.write.sent[-2].headers["Authorization"].removeprefix("Bearer "),
        "guest_cart_id": "cart-1",
    }


async def test_what_the_api_refuses_is_told_on_the_page(browser: Browser) -> None:
    browser.write.answers("POST /auth/login/passkey", REFUSED)
    refused = await browser.post(LOGIN, passkey=json.dumps(ANSWER))
    assert (refused.status, refused.text(".summary")) == (422, "The passkey was not accepted.")
    for nonsense in ("", "x", "[]", '"x"'):
        assert (await browser.post(LOGIN, passkey=nonsense)).status == 422
    assert browser.sessions.kept == {}
    browser.write.answers("POST /auth/login/passkey/options", UNREACHABLE)
    assert "busy" in (await browser.post(f"{LOGIN}/options")).response.json()["fault"]


async def test_an_account_is_opened_with_a_passkey(browser: Browser) -> None:
    browser.write.answers("POST /auth/register/passkey/options", OPTIONS)
    asked = await browser.post("/account/register/passkey/options", token="t-1")
    assert asked.response.json() == OPTIONS.document
    assert browser.write.sent[-1].body == {"token": "t-1"}
    browser.write.answers("POST /auth/register/complete", Reply(201, TOKENS))
    browser.write.answers("GET /account", PROFILE)
    opened = await browser.post(REGISTER, token="t-1", passkey=json.dumps(ANSWER))
    assert (opened.status, opened.location) == (303, "/account?after=welcome")
    (sent,) = browser.write.to("/auth/register/complete")
    assert sent.body == {"token": "t-1", "device": "A browser", "passkey": ANSWER}


async def test_passkeys_are_listed_added_renamed_and_removed(anna: Browser) -> None:
    without_password(anna)
    assert (await anna.get(OWN)).texts(".devices b") == ["<b>Phone</b>"]
    anna.write.answers("POST /auth/passkeys", Reply(201, {"passkey_id": "p-2"}))
    added = await anna.post(OWN, name=" Laptop ", passkey=json.dumps(ANSWER))
    assert (added.status, added.location) == (303, OWN)
    assert anna.write.sent[-1].body == {"name": "Laptop", "passkey": ANSWER}
    anna.write.answers("PATCH /auth/passkeys/p-1", TAKEN)
    assert (await anna.post(f"{OWN}/p-1/name", name="")).location == OWN
    assert anna.write.sent[-1].body == {"name": "Passkey"}
    anna.write.answers("DELETE /auth/passkeys/p-1", problem(409, "last-way-in", detail="It is the last."))
    last = await anna.post(f"{OWN}/p-1/remove")
    assert (last.status, last.text(".summary")) == (422, "It is the last.")


async def test_a_login_that_is_too_old_leads_to_another_one_and_back(anna: Browser) -> None:
    without_password(anna)
    again = f"/account/again?to={OWN}"
    anna.write.answers("POST /auth/passkey/options", TOO_OLD)
    assert (await anna.post(f"{OWN}/options")).response.json() == {"go": again}
    anna.write.answers("DELETE /auth/passkeys/p-1", TOO_OLD)
    assert (await anna.post(f"{OWN}/p-1/remove")).location == again
    shown = await anna.get(again)
    assert shown.html.select("#password") == []
    assert str(shown.html.select("form[data-passkey] input[name=to]")[0]["value"]) == OWN
    assert (await anna.get("/account/again?to=//evil.example")).html.select("input[value*=evil]") == []


async def test_an_account_without_a_password_is_not_asked_for_one(anna: Browser) -> None:
    without_password(anna)
    anna.write.answers("PUT /auth/password", TAKEN)
    page = await anna.get("/account/password")
    assert page.html.select("#current") == []
    assert (await anna.post("/account/password", new="four words in a row", no_password="1")).status == 303
    assert anna.write.sent[-1].body == {"new": "four words in a row"}
    anna.write.answers("POST /auth/email", TOO_OLD)
    asked = await anna.post("/account/email", email="new@shop.example", no_password="1")
    assert asked.location == "/account/again?to=/account/email"
    anna.write.answers("DELETE /account", TOO_OLD)
    assert (await anna.post("/account/delete/confirm")).location == "/account/again?to=/account/delete/confirm"
    assert anna.write.to("/auth/login") == []
