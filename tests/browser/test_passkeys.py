"""Passkeys with Chromium's virtual authenticator: a shopper and a member of staff."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE, OpenShop, Watched
from tests.browser.test_account import mailed_link
from tests.browser.test_pages import SERIOUS
from tests.e2e.shop import counterfoil

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
ADDRESS = "paula.keys@shop.example"


@pytest.fixture
def page(chromium: Browser, shop: OpenShop) -> Iterator[Page]:
    """A browser with an authenticator, at the name that passkeys of this machine belong to."""
    here = f"http://localhost:{urlsplit(shop.address).port}"
    context = chromium.new_context(base_url=here, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    watched = Watched((here,))
    context.on("page", watched.watch)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield page
    context.close()
    assert watched.faults == []


def is_accessible(page: Page) -> bool:
    return [it["id"] for it in Axe().run(page).response["violations"] if it["impact"] in SERIOUS] == []


def test_a_shopper_opens_an_account_with_a_passkey_and_comes_back_with_it(page: Page, shop: OpenShop) -> None:
    page.goto("/account/register")
    page.get_by_label("E-mail address").fill(ADDRESS)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your e-mail")
    page.goto(mailed_link(shop, ADDRESS))
    assert is_accessible(page)
    page.get_by_role("button", name="Create the account with a passkey").click()
    expect(page.get_by_text("Welcome. Your account is open.")).to_be_visible()
    page.goto("/account/passkeys")
    expect(page.locator(".devices li")).to_have_count(1)
    page.get_by_text("Change", exact=True).click()
    page.locator(".devices").get_by_label("Name").fill("My laptop")
    page.get_by_role("button", name="Rename").click()
    expect(page.locator(".devices")).to_contain_text("My laptop")
    assert is_accessible(page)
    page.get_by_text("Change", exact=True).click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("alert").first).to_contain_text("all that you can log in with")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator("[data-passkey-fault]")).to_contain_text("has a passkey for the shop already")
    page.locator("#me summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/account/login")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile("/account$"))


def test_a_member_of_staff_joins_and_signs_in_with_a_passkey(page: Page, shop: OpenShop) -> None:
    invite = ("staff", "invite", "kim.keys@shop.example", "--admin", "--data", str(shop.data))
    (link,) = re.findall(r"/desk/join\?token=\S+", counterfoil(*invite).stdout)
    page.goto(link)
    assert is_accessible(page)
    page.get_by_role("button", name="Join with a passkey").click()
    expect(page).to_have_url(re.compile("/desk$"))
    page.goto("/desk/sign-in")
    expect(page.locator(".devices li")).to_have_count(1)
    assert is_accessible(page)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile("/desk$"))
    page.goto("/desk/staff")
    expect(page.get_by_role("heading", level=1)).to_have_text("Staff")
