"""Every page: nothing that keeps people out (axe), no sideways scrolling, no small targets, no clipped text."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import OpenShop
from tests.browser.desk_walk import desk, invitation_to
from tests.browser.walks import MEASURE, WALKS, Walk

SERIOUS = {"serious", "critical"}
LOOKS = ((360, "light"), (1440, "dark"))


def serious(page: Page, name: str) -> list[str]:
    """What axe finds on the page."""
    found = Axe().run(page).response["violations"]
    return [f"{name}: {it['id']}: {it['nodes'][0]['html']}" for it in found if it["impact"] in SERIOUS]


@pytest.mark.parametrize("walk", WALKS, ids=[walk.__name__ for walk in WALKS])
def test_every_page_is_open_to_all_and_fits(chromium: Browser, shop: OpenShop, walk: Walk) -> None:
    context = chromium.new_context(base_url=shop.address, reduced_motion="reduce")
    page, faults = context.new_page(), list[str]()
    for name in walk(page):
        for width, theme in LOOKS:
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
            faults += [f"{name} {width}: {fault}" for fault in page.evaluate(MEASURE)]
            faults += serious(page, f"{name} {theme}")
    context.close()
    assert faults == []


def test_every_page_of_the_back_office_is_open_to_all_and_fits(chromium: Browser, shop: OpenShop) -> None:
    """In three widths; what axe finds in one theme is looked for in the next page in the other."""
    context = chromium.new_context(base_url=shop.address, reduced_motion="reduce")
    page, faults, dark = context.new_page(), list[str](), False
    for name in desk(invitation_to(shop.data, shop.address))(page):
        page.emulate_media(color_scheme="dark" if (dark := not dark) else "light", reduced_motion="reduce")
        for width in (360, 768, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            faults += [f"{name} {width}: {fault}" for fault in page.evaluate(MEASURE)]
        faults += serious(page, name)
    context.close()
    assert faults == []


def test_what_sellers_type_is_text_on_every_page(page: Page) -> None:
    page.goto("/search?q=bold")
    page.locator(".card", has_text="<b>Bold</b>").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text('<b>Bold</b> & "quoted" {{ 7*7 }} </script>')
    page.get_by_role("button", name="Add to cart").click()
    expect(page.locator("#added")).to_contain_text("In your cart")
    page.goto("/cart")
    expect(page.locator(".line h2")).to_contain_text("<script>alert(1)</script>")


def test_a_page_at_twice_the_size_still_fits(page: Page) -> None:
    page.set_viewport_size({"width": 640, "height": 450})
    page.goto("/search?q=coffee")
    assert page.evaluate(MEASURE) == []
    page.goto("/")
    page.get_by_text("Departments", exact=True).click()
    expect(page.get_by_role("navigation", name="Departments").first).to_be_visible()
