"""What shoppers do on the pages, step by step."""

import re

from playwright.sync_api import Page, expect

OK, CONFIRMS, DECLINED = "Card ending 4242", "Card ending 3220", "Card ending 0002"
ADDRESS = {"Name": "Anna Berg", "Street and number": "Bergstrasse 1", "Postal code": "8001", "City": "Zürich"}
ORDER = re.compile(r"Thank you\. Order [0-9A-Z-]+ is placed")


def find(page: Page, words: str) -> None:
    """Search, and open the first product that is found."""
    page.goto("/")
    page.get_by_label("Search products").fill(words)
    page.get_by_label("Search products").press("Enter")
    page.locator(".shelf .card").first.click()


def add(page: Page, quantity: int = 1) -> None:
    """Put the product that is shown into the cart."""
    page.get_by_label("Quantity").fill(str(quantity))
    page.get_by_role("button", name="Add to cart").click()


def fill_checkout(page: Page, card: str) -> None:
    for label, text in ADDRESS.items():
        page.get_by_label(label).fill(text)
    page.get_by_label("Country").select_option("CH")
    page.get_by_role("radio", name=card).check()


def check_out(page: Page, card: str) -> None:
    """From the cart to the placed order's button."""
    page.goto("/checkout")
    fill_checkout(page, card)
    page.get_by_role("button", name="Place the order").click()


def placed(page: Page) -> str:
    """The address of the order's page, once it is there."""
    expect(page.get_by_role("heading", level=1)).to_have_text(ORDER)
    return page.url
