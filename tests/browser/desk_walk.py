"""A walk past every page of the back office, as an administrator who joins by an invitation."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pyotp
from playwright.sync_api import Locator, Page, expect

from tests.browser.journeys import OK, add, check_out, find, placed
from tests.e2e.shop import counterfoil

ADMINISTRATOR = "administrator"
PHRASE = "rain on seven tin roofs"


Invitation = Callable[[str], str]
"""Invites somebody with a role; the link by which they join."""


def desk(invitation: Invitation) -> Callable[[Page], Iterator[str]]:
    """Yields the name of each page when it is shown."""

    def desk(page: Page) -> Iterator[str]:
        yield from _entering(page, invitation(ADMINISTRATOR))
        yield from _selling(page)
        yield from _goods(page)
        yield from _promotions(page)
        yield from _proof(page)
        role = f"watch-{uuid4().hex[:8]}"
        yield from _administration(page, role)
        yield from _second_factor(page, invitation(role))

    return desk


def invitation_to(data: Path, address: str) -> Invitation:
    """Invitations to the shop of a data folder."""

    def invite(role: str) -> str:
        email = f"{uuid4().hex[:8]}@shop.example"
        words = ("staff", "invite", email, "--role", role, "--data", str(data))
        told = counterfoil(*words, COUNTERFOIL_SHOP_ADDRESS=address)
        (link,) = re.findall(r"http://\S+", told.stdout + told.stderr)
        return str(link)

    return invite


def _follow(page: Page, link: Locator) -> None:
    """Click, and wait for the page behind it."""
    with page.expect_navigation():
        link.click()


def _entering(page: Page, link: str) -> Iterator[str]:
    find(page, "coffee")
    add(page, 2)
    page.locator("#added", has_text="In your cart").wait_for()
    check_out(page, OK)
    placed(page)
    page.goto("/desk/login")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator(".summary").wait_for()
    yield "desk-login-refused"
    page.goto(link)
    yield "desk-join"
    page.get_by_label("Password").fill(PHRASE)
    page.get_by_label("Password").press("Enter")
    page.get_by_role("navigation", name="Back office").wait_for()


def _selling(page: Page) -> Iterator[str]:
    page.goto("/desk")
    yield "desk-today"
    page.goto("/desk/orders")
    yield "desk-orders"
    page.goto("/desk/orders?text=qqqqqqqq")
    yield "desk-orders-none"
    page.goto("/desk/orders")
    page.locator("tbody a").first.click()
    page.locator(".receipt").wait_for()
    order = page.url
    yield "desk-order"
    refund = page.locator("form[action$='/refund'], form[action$='/cancel']").last
    refund.get_by_role("button").click()
    yield "desk-order-asks"
    page.goto("/desk/fulfilment")
    yield "desk-fulfilment"
    page.goto("/desk/fulfilment?status=LOST")
    yield "desk-fulfilment-none"
    page.goto(order)
    _follow(page, page.get_by_role("link", name="Parcel 1"))
    yield "desk-parcel"
    _follow(page, page.get_by_role("link", name="Slip to print"))
    yield "desk-slip"
    page.goto("/desk/people")
    yield "desk-people"
    _follow(page, page.locator("tbody a").first)
    yield "desk-person"


def _goods(page: Page) -> Iterator[str]:
    page.goto("/desk/products")
    yield "desk-products"
    page.locator("tbody a").first.click()
    page.locator("#variants").wait_for()
    yield "desk-product"
    page.goto("/desk/products/new")
    yield "desk-product-new"
    page.goto("/desk/categories")
    yield "desk-categories"
    _follow(page, page.locator("main li a").first)
    yield "desk-category"
    page.goto("/desk/stock")
    yield "desk-stock"
    _follow(page, page.locator("tbody a").first)
    yield "desk-stock-sku"


def _promotions(page: Page) -> Iterator[str]:
    """From the empty list to one that is in force, tried on a cart."""
    page.goto("/desk/promotions?status=OVER")
    yield "desk-promotions-none"
    page.goto("/desk/promotions")
    _follow(page, page.get_by_role("link", name="New promotion"))
    yield "desk-promotion-kinds"
    _follow(page, page.get_by_role("link", name="A price for a set"))
    yield "desk-promotion-set"
    page.goto("/desk/promotions/new/quantity-discount")
    page.get_by_label("Title").fill("Three and more")
    page.get_by_label("From units").first.fill("three")
    page.get_by_label("Percent off").first.fill("10")
    page.get_by_label("Categories").fill("Nowhere / Nothing")
    page.get_by_role("button", name="Draft it").click()
    expect(page.locator("#from-0-fault")).to_have_text("Enter a whole number, such as 2.")
    yield "desk-promotion-refused"
    page.get_by_label("From units").first.fill("3")
    page.get_by_label("Categories").fill("")
    page.get_by_role("button", name="Draft it").click()
    page.get_by_label("A cart with").wait_for()
    yield "desk-promotion-draft"
    page.get_by_label("A cart with").fill("COFFEE-12 3")
    page.get_by_role("button", name="Show its prices").click()
    page.locator(".trial, .note").first.wait_for()
    yield "desk-promotion-tried"
    page.get_by_role("button", name="Schedule it").click()
    page.get_by_role("link", name="Replace it").wait_for()
    yield "desk-promotion-in-force"
    promotion = page.url
    page.goto("/desk/promotions")
    yield "desk-promotions"
    page.goto(promotion)
    page.get_by_label("Reason").fill("Other tests look at prices without it")
    page.get_by_role("button", name="End it now").click()
    page.get_by_role("button", name="End it now").wait_for(state="detached")


def _proof(page: Page) -> Iterator[str]:
    page.goto("/desk/figures")
    yield "desk-figures"
    page.goto("/desk/history")
    yield "desk-find-history"
    page.goto("/desk/history/promotion-book")
    yield "desk-history"
    page.locator(".says").first.click()
    page.locator(".moment").wait_for()
    yield "desk-event"
    page.get_by_role("link", name="Verify the chain").click()
    page.locator(".seal").wait_for()
    yield "desk-verified"
    page.goto("/desk/cockpit")
    yield "desk-cockpit"
    _follow(page, page.locator("#processes a").first)
    yield "desk-cockpit-phase"
    _follow(page, page.locator("a[href^='/desk/cockpit/processes/']").first)
    yield "desk-process"


def _administration(page: Page, role: str) -> Iterator[str]:
    page.goto("/desk/staff")
    yield "desk-staff"
    page.goto("/desk/roles")
    create = page.locator("form[action='/desk/roles/create']")
    create.get_by_label("Name").fill(role)
    create.get_by_label("Its members sign in with a second factor").check()
    create.get_by_role("button", name="Create").click()
    page.get_by_role("heading", name=role).wait_for()
    yield "desk-roles"
    page.goto("/desk/api-keys")
    yield "desk-api-keys"
    page.get_by_label("Name").fill("Label printer")
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Last day").fill("2027-05-01")
    _follow(page, page.get_by_role("button", name="Issue"))
    yield "desk-api-key"
    page.goto("/desk/sign-in")
    yield "desk-sign-in"
    page.goto("/desk/login/again")
    yield "desk-again"
    page.goto("/desk/orders/nothing")
    yield "desk-404"


def _second_factor(page: Page, link: str) -> Iterator[str]:
    """The way in for members of a role that demands a second factor."""
    page.goto(link)
    page.get_by_label("Password").fill(PHRASE)
    page.get_by_label("Password").press("Enter")
    page.locator(".qr").wait_for()
    yield "desk-second-factor"
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("Code of the app").fill(pyotp.TOTP(secret).now())
    page.get_by_label("Code of the app").press("Enter")
    page.locator(".codes").wait_for()
    yield "desk-recovery-codes"
