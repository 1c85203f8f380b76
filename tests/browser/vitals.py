"""How fast pages feel in Chromium on a slow processor: LCP, CLS and INP, `make vitals`.

Each run begins with an empty cache; the browser's processor is slowed four times (`--slower`). On each page the visitor
types or clicks as it is used, and scrolls to its end. The median of some runs is told.
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console
from rich.table import Table

from tests.browser.conftest import ARGS
from tests.browser.journeys import OK, add, fill_checkout, find
from tests.browser.shots import opened

OBSERVE = (Path(__file__).parent / "vitals.js").read_text()
BUDGET: Mapping[str, float] = {"LCP ms": 1_000, "CLS": 0.01, "INP ms": 200}
SETTLING = 300.0
"""Milliseconds in which the last interaction is painted and told."""


@dataclass(frozen=True, slots=True)
class Step:
    """A page, what leads to it, and what a visitor does on it without leaving it."""

    name: str
    leads: Callable[[Page], None]
    uses: Callable[[Page], None]


def _to(path: str) -> Callable[[Page], None]:
    def leads(page: Page) -> None:
        page.goto(path)

    return leads


def _type(page: Page) -> None:
    page.get_by_label("Search products").press_sequentially("coffee")


def _category(page: Page) -> None:
    page.goto("/c")
    page.locator(".doors a").first.click()


def _product(page: Page) -> None:
    find(page, "coffee")


def _add(page: Page) -> None:
    add(page, 2)
    page.locator("#added", has_text="In your cart").wait_for()


def _quantity(page: Page) -> None:
    page.get_by_label("Quantity").first.fill("3")
    page.get_by_label("Quantity").first.press("Tab")
    page.wait_for_load_state("networkidle")


def _fill(page: Page) -> None:
    fill_checkout(page, OK)
    page.locator("[name=delivery_method]").last.click()
    page.wait_for_load_state("networkidle")


STEPS: Sequence[Step] = (
    Step("home", _to("/"), _type),
    Step("category", _category, _type),
    Step("product", _product, _add),
    Step("cart", _to("/cart"), _quantity),
    Step("checkout", _to("/checkout"), _fill),
)


def measured(browser: Browser, address: str, slower: float) -> Iterator[tuple[str, Mapping[str, float]]]:
    """One visitor, who passes all pages."""
    context = browser.new_context(base_url=address, viewport={"width": 412, "height": 823})
    context.add_init_script(OBSERVE)
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    for step in STEPS:
        step.leads(page)
        page.wait_for_load_state("load")
        page.wait_for_timeout(SETTLING)
        largest = page.evaluate("vitals.lcp")
        step.uses(page)
        page.mouse.wheel(0, 10_000)
        page.wait_for_timeout(SETTLING)
        yield step.name, {"LCP ms": largest, "CLS": page.evaluate("vitals.cls"), "INP ms": page.evaluate("vitals.inp")}
    context.close()


def table(runs: Sequence[Mapping[str, Mapping[str, float]]]) -> tuple[Table, bool]:
    """Medians by page, and whether all are within the budget."""
    shown, within = Table(title="Core Web Vitals"), True
    for name in ("page", *(f"{it} (at most {bound:,g})" for it, bound in BUDGET.items())):
        shown.add_column(name)
    for step in STEPS:
        found = {name: median(run[step.name][name] for run in runs) for name in BUDGET}
        within = within and all(found[name] <= bound for name, bound in BUDGET.items())
        shown.add_row(
            step.name, *(f"{value:,.3f}" if name == "CLS" else f"{value:,.0f}" for name, value in found.items())
        )
    return shown, within


def main() -> int:
    options = argparse.ArgumentParser(prog="make vitals", description=__doc__)
    options.add_argument("--address", help="Of a shop that is open already.")
    options.add_argument("--slower", type=float, default=4.0, help="How many times slower than this processor.")
    options.add_argument("--runs", type=int, default=3, help="The median of so many is told.")
    told = options.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.stderr.write("chromium is not installed: apt-get install chromium\n")
        return 2
    with opened(told.address, None) as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        runs = [dict(measured(browser, address, told.slower)) for _ in range(told.runs)]
        version = browser.version
        browser.close()
    shown, within = table(runs)
    shown.caption = f"Chromium {version}, processor {told.slower:g} times slower"
    Console().print(shown)
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
