"""What visitors of the pages do: all look around, every fifth fills a cart, every fiftieth buys."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

import httpx

from tests.load.browsing import CONNECTIONS, Browser, Shown
from tests.load.http import VisitFailed
from tests.load.jobs import Good
from tests.load.visits import TERMS

FILLS, BUYS = 5, 50
"""One of so many visitors."""

PATIENCE = 15.0
LOOKS_AGAIN = 0.5
LOOKING = ("home", "category", "product", "product", "product", "search")
ADDRESS = {
    "address.name": "Anna Berg",
    "address.street": "Bergstrasse 1",
    "address.postal_code": "8001",
    "address.city": "Zürich",
    "address.region": "",
    "address.country": "CH",
    "email": "",
}


@dataclass(slots=True)
class Pages:
    """Times in milliseconds by kind of page: of the page, of its read and of its command; errors by kind."""

    times: defaultdict[str, defaultdict[str, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    errors: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, kind: str, shown: Shown) -> None:
        self.times[kind]["page"].append(shown.ms)
        for part, ms in shown.waited_ms.items():
            self.times[kind][part].append(ms)


@dataclass(slots=True)
class Visitors:
    """So many at the same time, who arrive one after the other within the first pause."""

    origin: str
    goods: Sequence[Good]
    pause: float
    fills: int = FILLS
    buys: int = BUYS
    pages: Pages = field(default_factory=Pages)
    _counts: bool = False

    async def come(self, visitors: int, seconds: float, warm: float) -> None:
        """All are here after one pause; pages count from `warm` seconds on."""
        async with httpx.AsyncHTTPTransport(limits=CONNECTIONS, trust_env=False) as transport:
            everybody = [asyncio.create_task(self._one(transport, number, visitors)) for number in range(visitors)]
            await asyncio.sleep(warm)
            self._counts = True
            await asyncio.wait(everybody, timeout=seconds)
            self._counts = False
            for visitor in everybody:
                visitor.cancel()
            ends = await asyncio.gather(*everybody, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def _one(self, transport: httpx.AsyncBaseTransport, number: int, of: int) -> None:
        chance = random.Random(number)
        browser = Browser(transport, self.origin, f"10.1.{number // 250}.{number % 250 + 1}")
        visitor = _Visitor(self, browser, chance, monotonic() + self.pause * number / of)
        while True:
            for _ in range(chance.randint(1, len(LOOKING))):
                await visitor.turn(chance.choice(LOOKING))
            if number % self.buys == 0:
                await visitor.turn("add to cart", "cart", "checkout", "buy", "order")
            elif number % self.fills == 0:
                await visitor.turn("add to cart", "cart")

    def told(self, kind: str, outcome: Shown | str) -> None:
        if not self._counts:
            return
        if isinstance(outcome, str):
            self.pages.errors[kind][outcome] += 1
        else:
            self.pages.add(kind, outcome)


@dataclass(slots=True)
class _Visitor:
    crowd: Visitors
    browser: Browser
    chance: random.Random
    due: float
    form: dict[str, str] = field(default_factory=dict)
    leads_to: str = ""
    links: Sequence[str] = ()
    """To products, on the list that was seen last."""

    async def turn(self, *kinds: str) -> None:
        """Pages one after the other, each when it is due; after one that fails the others are left."""
        for kind in kinds:
            await asyncio.sleep(self.due - monotonic())
            self.due = max(self.due, monotonic()) + self.crowd.pause
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._see(kind)
            except TimeoutError:
                self.crowd.told(kind, "timeout")
                return
            except (VisitFailed, httpx.TransportError) as error:
                self.crowd.told(kind, str(error) or type(error).__name__)
                return

    async def _see(self, kind: str) -> None:
        good = self.chance.choice(self.crowd.goods)
        match kind:
            case "home":
                await self._get(kind, "/")
            case "category":
                await self._get(kind, f"/c/{good.category_id}" if good.category_id else "/c")
            case "product" if self.links:
                await self._get(kind, self.chance.choice(self.links))
            case "product":
                await self._see("home")
            case "search":
                await self._get(kind, str(httpx.URL("/search", params={"q": self.chance.choice(TERMS)})))
            case "add to cart":
                await self._post(kind, "/cart/items", {"sku": good.sku, "quantity": "1"})
            case "cart":
                await self._get(kind, "/cart")
            case "checkout":
                self.form = (await self._get(kind, "/checkout")).hidden()
            case "buy":
                wish = {"delivery_method": "standard", "payment_method": "pm_card_ok"}
                self.leads_to = (await self._post(kind, "/checkout", self.form | ADDRESS | wish)).location
            case "order":
                await self._order()

    async def _order(self) -> None:
        """The page of the checkout, until it leads to that of the order."""
        while (shown := await self.browser.get(self.leads_to)).status == 200:
            self.crowd.told("checkout under way", shown)
            await asyncio.sleep(LOOKS_AGAIN)
        await self._get("order", shown.location)

    async def _get(self, kind: str, path: str) -> Shown:
        shown = await self.browser.get(path)
        if shown.status != 200:
            raise VisitFailed(f"{kind} led to {shown.location.split('/')[1]}")
        self.crowd.told(kind, shown)
        self.links = shown.products() or self.links
        return shown

    async def _post(self, kind: str, path: str, fields: dict[str, str]) -> Shown:
        shown = await self.browser.post(path, fields)
        self.crowd.told(kind, shown)
        return shown
