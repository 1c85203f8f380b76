"""Proof in Chromium: a history is opened, stepped through, verified and taken away; a read model is rebuilt."""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenShop

VERIFIER = Path(__file__).parents[2] / "docs" / "verifier" / "verify.py"
MEASURE = (Path(__file__).parent / "measure.js").read_text()


def log_in(page: Page, shop: OpenShop, role: str) -> None:
    page.goto("/desk/login")
    page.get_by_text("For operators: sign in with a token").click()
    page.get_by_label("Token").fill(shop.client.bearer(role)["Authorization"].removeprefix("Bearer "))
    page.get_by_label("Token").press("Enter")
    expect(page.get_by_role("navigation", name="Back office")).to_be_visible()


def test_a_product_is_shown_as_it_was_and_its_chain_is_verified_here_and_elsewhere(
    page: Page, shop: OpenShop, tmp_path: Path
) -> None:
    log_in(page, shop, "auditor")
    product = shop.client.ask('{ product(sku: "COFFEE-12") { productId } }', "shopper")["product"]["productId"]
    page.goto("/desk/history")
    page.get_by_role("combobox").select_option("product")
    page.get_by_label("Id").fill(product)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"product-{product}")

    page.get_by_role("link", name="COFFEE-12 costs 8.99 USD").click()
    expect(page.locator(".moment .diff ins").last).to_contain_text("8.99 USD")
    expect(page.locator(".values")).to_contain_text("draft")
    slider = page.get_by_label("Revision, 0 to")
    slider.focus()
    slider.press("End")
    page.get_by_role("button", name="Go").click()
    expect(page.locator(".values")).to_contain_text("published")
    expect(page.locator("tr.open")).to_have_count(1)
    page.go_back()
    expect(page.locator(".values")).to_contain_text("draft")

    page.get_by_role("link", name="Verify the chain").click()
    expect(page.locator(".seal")).to_contain_text("Chain whole")
    with page.expect_download() as download:
        page.get_by_role("link", name="Evidence").click()
    file = tmp_path / "evidence.zip"
    download.value.save_as(file)
    proved = subprocess.run([sys.executable, VERIFIER, file], capture_output=True, text=True, check=False)
    assert (proved.returncode, proved.stdout.splitlines()[-1]) == (0, "Everything holds.")
    assert page.evaluate(MEASURE) == []


def test_a_read_model_is_rebuilt_from_the_cockpit_and_the_log_says_why(page: Page, shop: OpenShop) -> None:
    log_in(page, shop, "back_office")
    page.goto("/desk/cockpit")
    row = page.locator("#read-models tr", has_text="best sellers").first
    row.get_by_text("Rebuild").first.click()
    row.get_by_label("Why?").fill("To see it done")
    row.get_by_role("button", name="Rebuild").click()
    expect(page.locator("#read-models tr", has_text="best sellers build 2")).to_be_visible()
    assert page.evaluate(MEASURE) == []
    page.goto("/desk/history/read-model-best_sellers")
    expect(page.locator("tbody tr")).to_contain_text("you")
    expect(page.locator("tbody tr")).to_contain_text("To see it done")
    page.goto("/desk/figures")
    expect(page.get_by_role("heading", level=1)).to_have_text("Figures")
    assert page.evaluate(MEASURE) == []


def test_who_may_not_operate_sees_no_cockpit(page: Page, shop: OpenShop) -> None:
    log_in(page, shop, "auditor")
    page.goto("/desk/history")
    expect(page.get_by_role("navigation", name="Back office").get_by_role("link", name="Cockpit")).to_have_count(0)
    answer = page.goto("/desk/cockpit")
    assert answer is not None
    assert answer.status == 403
