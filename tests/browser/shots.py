"""Every page of the shop in three widths and both themes, on one contact sheet each: `make shots`.

It opens a shop with the goods of the browser tests, or takes a picture of one that is open: --address.
"""

import argparse
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import ARGS, PORTS
from tests.browser.desk_walk import desk, invitation_to
from tests.browser.goods import MARKETS, stock_the_shop
from tests.browser.walks import MEASURE, WALKS, Walk
from tests.e2e.shop import Client, data_folder, running
from tests.e2e.test_up import until

BUILD = Path(__file__).parents[2] / "build" / "shots"
WIDTHS = (360, 768, 1440)
THEMES = ("light", "dark")
FULL = 2600
"""Pixels of the highest picture."""


def take(browser: Browser, address: str, only: str, walks: Sequence[Walk]) -> list[str]:
    """Take the pictures; what is wrong with how a page is laid out."""
    faults = []
    for theme in THEMES:
        for width in WIDTHS:
            context = browser.new_context(
                base_url=address,
                viewport={"width": width, "height": 740 if width < 500 else 900},
                color_scheme="dark" if theme == "dark" else "light",
                reduced_motion="reduce",
            )
            for walk in walks:
                page = context.new_page()
                for name in walk(page):
                    if re.search(only, name):
                        page.wait_for_load_state("load")
                        page.screenshot(path=BUILD / f"{name}-{width}-{theme}.png", full_page=True)
                        faults += [f"{name} {width} {theme}: {fault}" for fault in page.evaluate(MEASURE)]
                page.close()
            context.close()
    return faults


def sheet(browser: Browser) -> None:
    """One picture for each page, with all widths and themes side by side."""
    names = sorted({file.name.rsplit("-", 2)[0] for file in BUILD.glob("*-*-*.png")})
    page = browser.new_page(viewport={"width": 2800, "height": 1000})
    for name in names:
        pictures = [f"{name}-{width}-{theme}.png" for theme in THEMES for width in WIDTHS]
        images = "".join(
            f'<img src="file://{BUILD / it}" style="height:900px;object-fit:cover;object-position:top">'
            for it in pictures
            if (BUILD / it).exists()
        )
        file = BUILD / f"{name}.html"
        style = "margin:0;display:flex;gap:12px;background:#888;padding:12px;width:max-content"
        file.write_text(f'<body style="{style}">{images}')
        page.goto(f"file://{file}")
        page.wait_for_load_state("load")
        page.locator("body").screenshot(path=BUILD.parent / f"shots-{name}.png")
        file.unlink()
    page.close()


@contextmanager
def opened(address: str | None, data: Path | None) -> Iterator[tuple[str, Path | None]]:
    """Where the shop is, and its data folder if that is known: only then is there a way into the back office."""
    if address is not None:
        yield address, data
        return
    with data_folder() as own_data, running(own_data, "up", *PORTS, COUNTERFOIL_MARKETS=MARKETS) as program:
        until(lambda: "Ctrl-C stops the shop" in program.out.read_text() or program.process.poll() is not None)
        (own,) = re.findall(r"The shop +(http://\S+)", program.out.read_text())
        stock_the_shop(Client.of(program))
        yield own, own_data


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--address", help="Of a shop that is open already.")
    options.add_argument("--data", type=Path, help="Its data folder, to walk past the back office too.")
    options.add_argument("--only", default="", help="Names of pages, as a regular expression.")
    told = options.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.stderr.write("chromium is not installed: apt-get install chromium\n")
        return 2
    BUILD.mkdir(parents=True, exist_ok=True)
    with opened(told.address, told.data) as (address, data), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        walks = (*WALKS, desk(invitation_to(data, address))) if data else WALKS
        faults = take(browser, address, told.only, walks)
        sheet(browser)
        browser.close()
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    sys.stdout.write(f"Contact sheets: {BUILD.parent}/shots-*.png\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
