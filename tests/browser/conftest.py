"""A shop with goods in it, and Chromium. Without Chromium the tests are skipped; where CI is set they fail."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.browser.goods import MARKETS, stock_the_shop
from tests.e2e.shop import Client, data_folder, running
from tests.e2e.test_up import until

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PORTS = ("--write-port", "0", "--read-port", "0", "--web-port", "0")
PATIENCE = 10_000


@pytest.fixture(scope="module")
def chromium(program_of_chromium: str) -> Iterator[Browser]:
    """For one file of tests: while the API of Playwright is open, no asynchronous test can run in its process."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program_of_chromium, args=ARGS)
        yield browser
        browser.close()


@dataclass(frozen=True, slots=True)
class OpenShop:
    """Where the pages are, and hands to change the shop behind them."""

    address: str
    client: Client
    data: Path


@pytest.fixture(scope="session")
def program_of_chromium() -> str:
    if (found := shutil.which("chromium")) is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("chromium is not installed: apt-get install chromium")
    return found


@pytest.fixture(scope="session")
def shop(program_of_chromium: str) -> Iterator[OpenShop]:  # noqa: ARG001 - no shop without a browser
    with data_folder() as data, running(data, "up", *PORTS, COUNTERFOIL_MARKETS=MARKETS) as program:
        until(lambda: "Ctrl-C stops the shop" in program.out.read_text() or program.process.poll() is not None)
        assert program.process.poll() is None, program.errors.read_text()
        (address,) = re.findall(r"The shop +(http://\S+)", program.out.read_text())
        client = Client.of(program)
        stock_the_shop(client)
        yield OpenShop(address, client, data)


@dataclass  # without slots: Playwright keeps notes in whatever listens to it
class Watched:
    """What must not happen on any page: errors in the console, refused by the policy, requests to elsewhere."""

    origins: tuple[str, ...]
    faults: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            self.faults.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((*self.origins, "data:", "about:")):
            self.faults.append(f"elsewhere: {request.url}")


@pytest.fixture
def context(chromium: Browser, shop: OpenShop) -> Iterator[BrowserContext]:
    """A browser that has never been here. At its end nothing was wrong on any of its pages."""
    context = chromium.new_context(base_url=shop.address, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    watched = Watched((shop.address, shop.client.write))
    context.on("page", watched.watch)
    yield context
    context.close()
    assert watched.faults == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
