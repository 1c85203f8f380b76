"""An account, from the mailed link to the checkout that knows the address."""

import json
import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenShop
from tests.browser.journeys import add, find
from tests.browser.test_pages import SERIOUS
from tests.browser.walks import MEASURE
from tests.e2e.shop import counterfoil
from tests.e2e.test_up import until

ADDRESS = "anna.berg@shop.example"
PHRASE = "four words in a row"
OWN = ("", "/profile", "/password", "/email", "/addresses", "/addresses/new", "/consents", "/devices", "/delete")


def mailed_link(shop: OpenShop, address: str = ADDRESS) -> str:
    """The path that the last mail leads to."""
    found = list[str]()

    def has_come() -> bool:
        printed = counterfoil("mails", address, "--json", "--data", str(shop.data)).stdout
        texts = [mail["text"] for mail in json.loads(printed or "[]")]
        found[:] = re.findall(r"https?://[^/]+(/\S+token=\S+)", " ".join(texts))
        return bool(found)

    until(has_come)
    return found[-1]


def test_an_account_is_opened_used_and_left(page: Page, shop: OpenShop) -> None:
    find(page, "earl grey")
    add(page)
    expect(page.locator("#added")).to_contain_text("In your cart")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("E-mail address").fill(ADDRESS)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your e-mail")
    page.goto(mailed_link(shop))
    page.get_by_label("Name").fill("Anna Berg")
    page.get_by_label("Password").fill(PHRASE)
    page.get_by_role("button", name="Create the account", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Anna")
    expect(page.locator("#me .count")).to_contain_text("1")

    page.goto("/account/addresses/new")
    page.get_by_label("Street and number").fill("Bergstrasse 1")
    page.get_by_label("City").fill("Zürich")
    page.get_by_label("Country").select_option("CH")
    page.get_by_role("button", name="Save the address").click()
    expect(page.locator(".book")).to_contain_text("Bergstrasse 1")
    page.goto("/checkout")
    expect(page.get_by_label("Street and number")).to_have_value("Bergstrasse 1")

    faults = list[str]()
    for path in OWN:
        for width in (360, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"/account{path}")
            faults += [f"{path} {width}: {fault}" for fault in page.evaluate(MEASURE)]
        found = Axe().run(page).response["violations"]
        faults += [f"{path}: {it['id']}: {it['nodes'][0]['html']}" for it in found if it["impact"] in SERIOUS]
    assert faults == []

    page.locator("#me summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#me")).to_contain_text("Sign in")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
