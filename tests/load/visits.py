"""What shoppers do, one visit at a time. Whoever gets another answer than a shopper needs raises VisitFailed."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from time import monotonic
from typing import Any
from uuid import UUID

from infra.security.tokens import Tokens
from tests.load.http import Client, VisitFailed
from tests.load.jobs import Good
from tests.load.watch import Watch
from tests.relevance.judging import questions

SHOPPERS, ADDS_TO_A_CART = 10_000, 20
LINES = 3
DELIVERY_CENTS, CURRENCY = 499, "USD"
ADDRESS = {"name": "Anna Berg", "street": "Bergstrasse 1", "postal_code": "8001", "city": "Zürich", "country": "CH"}
SORTS = ("TITLE", "CHEAPEST", "DEAREST", "NEWEST")
WANTED = 20
LEAVES = 3
TERMS = [asked.term for asked in questions()]
PAUSE = 1.0
"""Seconds, as `Retry-After` asks for."""

ORDER = "query Order($id: ID!) { order(id: $id) { status total { amount } lines { sku title quantity } } }"
LIST = """
query List($category: ID, $sort: ProductSort!, $after: String) {
    products(first: 20, filter: {category: $category, minPrice: 1}, sort: $sort, after: $after) {
        edges { cursor node { id productId title brand onSale price { amount currency formatted } media { url } } }
        pageInfo { hasNextPage endCursor }
    }
}
"""
PAGE = """
query Page($id: ID!) {
    product(id: $id) {
        productId title description brand onSale price { amount currency formatted } media { url alt }
        variants { sku options { name value } baseQuantity price { amount currency formatted } inStock }
        category { name path { categoryId name } }
    }
}
"""
SEARCH = """
query Search($term: String!, $filter: SearchFilter) {
    search(term: $term, filter: $filter, first: 20) {
        edges { cursor node { id productId title brand onSale price { amount currency formatted } media { url } } }
        pageInfo { hasNextPage endCursor }
        didYouMean engine fallback total { atLeast exact }
        facets {
            categories { categoryId count } brands { brand count } prices { minPrice maxPrice count }
            availability { available soldOut }
        }
    }
}
"""
COMPLETE = "query Complete($text: String!) { autocomplete(text: $text) }"
FILTERS: Sequence[Mapping[str, object] | None] = (None, None, None, None, {"maxPrice": 500}, {"available": True})
CART = """
query Cart($id: ID!) {
    cart(id: $id) {
        status currency total { amount formatted }
        lines { sku title quantity unitPrice { amount formatted } total { amount } }
    }
}
"""
FRESH = "query Fresh($id: ID!, $at: Position!) @after(position: $at) { cart(id: $id) { cartId } }"


@dataclass(slots=True)
class Cart:
    """A cart that somebody fills, and the token of whose it is."""

    cart_id: str
    token: str
    position: str
    cents: int
    adds: int = 0


@dataclass(slots=True)
class ConnectionSlots:
    """Everybody who visits from this process."""

    client: Client
    tokens: Tokens
    goods: Sequence[Good]
    seed: int
    watch: Watch = field(init=False)
    _random: random.Random = field(init=False)
    _shoppers: "cycle[str]" = field(init=False)
    _carts: deque[Cart] = field(default_factory=deque)
    _lists: deque[dict[str, Any]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        day = timedelta(days=1)
        names = (f"load-{self.seed}-{number}" for number in range(SHOPPERS))
        self._shoppers = cycle([self.tokens.issue(name, ["shopper"], day) for name in names])
        self.watch = Watch(self.client, self.tokens.issue("load", ["back_office"], day))

    async def checkout(self) -> None:
        """An empty hand, a cart, two more lines, address and payment; until the order is there to be read."""
        chosen = self._random.sample(self.goods, LINES)
        cart = await self._opened(chosen[:1])
        await self._add(cart, chosen[1:])
        started = await self._bought(cart, self._key())
        await self.watch.placed(started)
        order = (await self.client.ask(ORDER, {"id": started}, cart.token))["order"]
        if order is None or order["total"]["amount"] != cart.cents + DELIVERY_CENTS:
            raise VisitFailed("the order is not what was bought")

    async def list_products(self) -> None:
        """The next page of a list that is sorted and filtered by category; a new list after three pages."""
        seen: dict[str, Any] = self._lists.popleft() if self._lists else {"leaf": LEAVES}
        if seen["leaf"] >= LEAVES or seen["after"] is None:
            category = self._random.choice(self.goods).category_id
            seen = {"leaf": 0, "category": category, "sort": self._random.choice(SORTS), "after": None}
        wanted = {name: seen[name] for name in ("category", "sort", "after")}
        products = (await self.client.ask(LIST, wanted))["products"]
        if not products["edges"]:
            raise VisitFailed("an empty list")
        page = products["pageInfo"]
        seen["leaf"], seen["after"] = seen["leaf"] + 1, page["endCursor"] if page["hasNextPage"] else None
        self._lists.append(seen)

    async def search(self) -> None:
        """The first page for a term, with all numbers."""
        wanted = {"term": self._random.choice(TERMS), "filter": self._random.choice(FILTERS)}
        found = (await self.client.ask(SEARCH, wanted))["search"]
        if found["fallback"] is not None:
            raise VisitFailed("not answered by the engine that is set up")

    async def complete(self) -> None:
        """Names for what is being typed."""
        term = self._random.choice(TERMS)
        await self.client.ask(COMPLETE, {"text": term[: self._random.randint(2, len(term))]})

    async def product_page(self) -> None:
        """Any product."""
        product = (await self.client.ask(PAGE, {"id": self._random.choice(self.goods).product_id}))["product"]
        if product is None:
            raise VisitFailed("no such product")

    async def wanted_page(self) -> None:
        """One of the few products that everybody wants."""
        chosen = self._random.choice(self.goods[:WANTED])
        product = (await self.client.ask(PAGE, {"id": chosen.product_id}))["product"]
        if product is None:
            raise VisitFailed("no such product")

    async def add_to_cart(self) -> None:
        """One more thing into a cart; a new cart after twenty."""
        if not self._carts or self._carts[0].adds >= ADDS_TO_A_CART:
            if self._carts:
                self._carts.popleft()
            self._carts.append(await self._opened(self._random.sample(self.goods, 1)))
            return
        cart = self._carts.popleft()
        await self._add(cart, self._random.sample(self.goods, 1))
        self._carts.append(cart)

    async def read_cart(self) -> None:
        """One of the carts that were filled before."""
        cart = self._random.choice(self._carts)
        read = (await self.client.ask(CART, {"id": cart.cart_id}, cart.token))["cart"]
        if read is None or len(read["lines"]) != LINES:
            raise VisitFailed("the cart is not what it was filled with")

    async def write_and_read(self) -> float:
        """From the answer to a command until a read model answers with what it wrote."""
        cart = await self._opened(self._random.sample(self.goods, 1))
        acknowledged = monotonic()
        if not await self._visible(cart):
            raise VisitFailed("not visible")
        return monotonic() - acknowledged

    async def grab(self) -> None:
        """Check out a cart that was filled before, as often as the shop asks to try again."""
        cart, key = self._carts.popleft(), self._key()
        while True:
            try:
                await self._bought(cart, key)
                return
            except VisitFailed as failed:
                if not str(failed).startswith("503"):
                    raise
                await asyncio.sleep(PAUSE)

    async def fill(self, carts: int, *, lines: int, at_once: int = 64) -> None:
        """Carts for visits that find theirs full; each worker's last one is there to be read when this ends."""
        left = iter(range(carts))

        async def work() -> None:
            cart = None
            for _ in left:
                cart = await self._opened(self._random.sample(self.goods, lines))
                self._carts.append(cart)
            if cart is not None:
                await self._visible(cart)

        await asyncio.gather(*(work() for _ in range(at_once)))

    async def _visible(self, cart: Cart) -> bool:
        read = await self.client.ask(FRESH, {"id": cart.cart_id, "at": cart.position}, cart.token)
        return read["cart"] is not None

    async def _opened(self, chosen: Sequence[Good]) -> Cart:
        token = next(self._shoppers)
        opened = await self.client.command("POST", "/carts", token, self._key(), _items(chosen))
        return Cart(opened["cart_id"], token, opened["position"], sum(good.cents for good in chosen))

    async def _add(self, cart: Cart, chosen: Sequence[Good]) -> None:
        await self.client.command("POST", f"/carts/{cart.cart_id}/items", cart.token, self._key(), _items(chosen))
        cart.cents += sum(good.cents for good in chosen)
        cart.adds += 1

    async def _bought(self, cart: Cart, key: str) -> str:
        wish = {
            "cart_id": cart.cart_id,
            "total_seen": {"amount": cart.cents + DELIVERY_CENTS, "currency": CURRENCY},
            "delivery_method": "standard",
            "address": ADDRESS,
            "payment_method": "pm_card_ok",
        }
        started = await self.client.command("POST", "/checkouts", cart.token, key, wish)
        checkout_id: str = started["checkout_id"]
        return checkout_id

    def _key(self) -> str:
        return str(UUID(int=random.getrandbits(128)))


def _items(chosen: Sequence[Good]) -> Mapping[str, object]:
    return {"items": [{"sku": good.sku, "quantity": 1} for good in chosen]}


Visit = Callable[[ConnectionSlots], Awaitable[float | None]]
"""Answers seconds when not all of the visit is to be measured."""

VISITS: Mapping[str, Visit] = {
    "checkout": ConnectionSlots.checkout,
    "list": ConnectionSlots.list_products,
    "page": ConnectionSlots.product_page,
    "wanted": ConnectionSlots.wanted_page,
    "search": ConnectionSlots.search,
    "complete": ConnectionSlots.complete,
    "add": ConnectionSlots.add_to_cart,
    "cart": ConnectionSlots.read_cart,
    "fresh": ConnectionSlots.write_and_read,
    "grab": ConnectionSlots.grab,
}
