"""Walks past every page of the storefront in the market of the pseudo-language, in all of their states."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tests.support.fixtures.pages import NOW, UNREACHABLE, Browser, Page, data, failed, problem, step, usd
from tests.web.storefront.account import test_own as account
from tests.web.storefront.test_cart import in_cart, line
from tests.web.storefront.test_catalogue import FOUND, MUG
from tests.web.storefront.test_checkout import CHECKOUT, LINE, METHODS, WISH, at_hand
from tests.web.storefront.test_orders import ID, moment, order
from web.ports import Reply
from web.texts.facts import FACTS, FAILURES, HEADLINES
from web.texts.problems import STANDS, TEXTS

Visits = Callable[[Browser], Awaitable[list[Page]]]
ITEM = "/el-gr/cart/items/MUG.1"
CHECKED_OUT = "cart-is-checked-out"


async def catalogue(browser: Browser) -> list[Page]:
    edges = [{"node": MUG}]
    browser.read.answers(
        "Home", data(popular=[MUG], products={"edges": edges}), data(popular=[], products={"edges": []})
    )
    browser.read.answers("Category", data(category=MUG["category"]))
    facets = {**FOUND["facets"], "categories": [{"category": MUG["category"], "count": 2}]}
    prices = [(0, 99), (100, 199), (200, None)]
    facets["prices"] = [{"minPrice": low, "maxPrice": high, "count": 1} for low, high in prices]
    found = {**FOUND, "facets": facets}
    none = {**found, "edges": [], "didYouMean": "mug", "total": {"atLeast": 1000, "exact": False}}
    one = {**found, "total": {"atLeast": 1, "exact": True}}
    browser.read.answers("Listing", *(data(search=it) for it in (found, none, one, found)))
    sold = {"sku": "MUG.1", "baseQuantity": 100, "inStock": True, "price": usd(100), "options": []}
    sold["prices"] = [{"validFrom": NOW.isoformat(), "price": usd(it)} for it in (90, 100)]
    red = {**sold, "sku": "MUG.2", "inStock": False, "options": [{"name": "Colour", "value": "Red"}]}
    known = {**MUG, "title": "Mug", "description": "A mug.", "onSale": True}
    variants: list[list[Any]] = [[sold, red], [red], []]
    browser.read.answers("Product", *(data(product={**known, "variants": it}) for it in variants))
    browser.read.answers("Complete", data(autocomplete=["Mug"]))
    chosen = "brand=Potters&price=0-99&stock=in&sort=cheapest"
    paths = ["/", "/", "/c", "/c/cups?q=Mug", f"/search?q=Mug&{chosen}&after=c0", "/search", "/search?q=Mug"]
    return [await browser.get(f"/el-gr{it}") for it in [*paths, *["/p/mug-4711"] * 3, "/_/complete?q=mu"]]


async def carts(browser: Browser) -> list[Page]:
    browser.read.answers("CartCount", data(cart={"status": "OPEN", "lines": [{"sku": "MUG.1"}]}))
    found = [await browser.get("/el-gr/cart")]
    steps = [step(2500), step(-100, "Order week", "promotion"), step(-100, "Old customer", "agreed")]
    lines = [
        line(priceSteps=steps, total=usd(2300), baseQuantity=100),
        line(sku="TEA", priceNow=None, product=None),
        line(sku="CUP", priceNow=usd(99)),
    ]
    await in_cart(browser, *lines, discounts=[{"reason": "Order week", "amount": usd(-100)}])
    found += [await browser.get(f"/el-gr/cart{it}") for it in ("", "?after=login")]
    found += [await browser.fragment(f"/el-gr{it}") for it in ("/cart", "/_/me")]
    for typed in ("none", "0"):
        found += [await browser.post(ITEM, quantity=typed, key="k", script=it) for it in (True, False)]
    fault = problem(422, "invalid-request", errors=[{"field": "quantity", "reason": "Few."}])
    for refusal in (problem(422, "unheard-of"), fault, *(problem(422, kind) for kind in TEXTS if kind != CHECKED_OUT)):
        browser.write.answers("POST /carts/cart-1/items", refusal)
        browser.write.answers("POST /carts", problem(422, "cart-is-full"))
        found.append(await browser.post("/el-gr/cart/items", sku="MUG.1", quantity="1", script=True))
        await browser.begin(cart="cart-1", cart_revision=3, carts=0)
    browser.write.answers("POST /carts/cart-1/items", Reply(202, {"position": "5", "revision": 4}))
    found.append(await browser.post("/el-gr/cart/items", sku="MUG.1", quantity="1", script=True))
    browser.write.answers("PATCH /carts/cart-1/items/MUG.1", Reply(202, {"position": "6", "revision": 5}))
    stale = failed("STALE", "cart")
    browser.read.answers("Cart", *[browser.read._answers["Cart"][0]] * 2)
    found.append(await browser.post(ITEM, quantity="2", key="k", script=True))
    browser.read.answers("Cart", stale, browser.read._answers["Cart"][0])
    found.append(await browser.get("/el-gr/cart"))
    await in_cart(browser, line(), status="CHECKED_OUT", checkoutId="c-1")
    browser.read.answers("OrderExists", data(order=None), data(order={"orderId": "c-1"}))
    return [*found, await browser.get("/el-gr/cart"), await browser.get("/el-gr/cart")]


async def checkouts(browser: Browser) -> list[Page]:
    free = {**METHODS[0], "price": usd(0), "priceSteps": [step(499), step(-499, "Free week", "promotion")]}
    reduced = {**LINE, "baseQuantity": 10, "priceSteps": [step(2500, rule=None), step(-100, "Order week", "promotion")]}
    await at_hand(browser, reduced, methods=[free, METHODS[1]])
    found = [await browser.get("/el-gr/checkout"), await browser.fragment("/el-gr/_/checkout?delivery_method=standard")]
    found.append(await browser.post("/el-gr/checkout", key="k"))
    address = {f"address.{it}": "" for it in ("name", "street", "city", "country")}
    found.append(await browser.post("/el-gr/checkout", **{**WISH, **address}))
    steps = [step(2500, rule=None)]
    told = {"changed": [{"sku": "MUG", "seen": steps, "now": steps}, {"sku": None, "seen": None, "now": steps}]}
    changed = problem(409, "total-changed", seen=usd(1), current=usd(2), errors=[], **told)
    fault = problem(
        422, "invalid-request", errors=[{"field": "address.city", "reason": "It is long.", "fix": "Cut it."}]
    )
    replies: list[Reply | Exception] = [changed, fault, problem(409, "unheard-of"), problem(422, "address-missing")]
    for reply in (*replies, UNREACHABLE):
        browser.write.answers("POST /checkouts", reply)
        found.append(await browser.post("/el-gr/checkout", **WISH))
    states: list[tuple[str, dict[str, Any] | None, str]] = [
        ("PAYING", None, ""),
        ("PAYING", None, "?cancelled=1"),
        ("PAYING", {"status": "ACTION_REQUIRED", "actionUrl": "/bank", "failure": None}, ""),
        ("PAYING", {"status": "FAILED", "actionUrl": None, "failure": "CARD_DECLINED"}, ""),
        ("PAYING", {"status": "FAILED", "actionUrl": None, "failure": "INSUFFICIENT_FUNDS"}, ""),
        ("PAYING", {"status": "FAILED", "actionUrl": None, "failure": "AUTHENTICATION_FAILED"}, ""),
        ("PAYING", {"status": "FAILED", "actionUrl": None, "failure": "ODD"}, ""),
        ("NEEDS_ATTENTION", None, ""),
        ("REJECTED", None, ""),
    ]
    for phase, payment, query in states:
        known = {
            "id": "x",
            "checkoutId": CHECKOUT,
            "cartId": "cart-1",
            "total": usd(5),
            "order": None,
            "payment": payment,
        }
        browser.read.answers("CheckoutStatus", data(checkout={**known, "phase": phase, "rejection": "Not enough."}))
        found.append(await browser.get(f"/el-gr/checkout/{CHECKOUT}{query}"))
        if payment and payment["status"] == "FAILED":
            found.append(await browser.get(f"/el-gr/checkout/{CHECKOUT}/card"))
            found.append(await browser.post(f"/el-gr/checkout/{CHECKOUT}/payments", key="k"))
    return found


async def orders(browser: Browser) -> list[Page]:
    found = [await browser.get("/el-gr/orders")]
    await browser.begin()
    facts = [moment(f"{it}.v1", 0) for it in FACTS] + [moment("payment.failed.v1", 1, why=it) for it in FAILURES]
    address = {
        "name": "Anna",
        "street": "Weg 1",
        "postalCode": "8001",
        "city": "Bern",
        "region": "Oberland",
        "country": "CH",
    }
    delivery = {"method": "express", "price": usd(9), "priceSteps": [step(9), step(-1, "Week", "promotion")]}
    parcel = {"carrier": "Post", "tracking": "AB1", "lastSeen": "In Bern"}
    for status, paid in zip(
        HEADLINES, ("AUTHORISED", "CAPTURED", "VOIDED", "FAILED", "CAPTURING", "VOIDING"), strict=True
    ):
        one = order(status, timeline=facts, delivery={**delivery, "address": address}, shipments=[parcel], owed=usd(1))
        one["payment"] = {"status": paid, "actionUrl": None, "captured": usd(1), "refunded": usd(1)}
        one["lines"][0]["cancelled"] = 1
        browser.read.answers("Order", data(order=one))
        found.append(await browser.get(f"/el-gr/orders/{ID}"))
    browser.write.answers(f"POST /orders/{ID}/cancel", problem(409, "unheard-of"))
    found.append(await browser.post(f"/el-gr/orders/{ID}/cancel", key="k"))
    browser.read.answers("OrderByLink", data(orderByLink=order()))
    found.append(await browser.get("/el-gr/o/ab.cd"))
    edges = [{"node": {**order(it), "lines": [LINE | {"product": MUG}] * 3}} for it in HEADLINES]
    browser.read.answers(
        "Orders", data(me={"orders": {"edges": edges, "pageInfo": {"hasNextPage": True, "endCursor": "1"}}})
    )
    return [*found, await browser.get("/el-gr/orders")]


async def entering(browser: Browser) -> list[Page]:
    paths = ["login", *(f"login?after={it}" for it in ("password", "address", "deleted", "everywhere"))]
    paths += [
        "register",
        "register/complete?token=t",
        "password/forgotten",
        "password/reset?token=t",
        "email/confirm?token=t",
    ]
    paths += [f"mail?again=/account/{it}" for it in ("register", "password/forgotten", "email")]
    found = [await browser.get(f"/el-gr/account/{it}") for it in paths]
    forms: dict[str, tuple[str, dict[str, Any]]] = {
        "login": ("/auth/login", {"email": "x@shop.example", "password": "p"}),
        "register": ("/auth/register", {"email": "x@shop.example"}),
        "register/complete": ("/auth/register/complete", {"token": "t", "password": "p", "name": "Anna"}),
        "password/forgotten": ("/auth/password/forgotten", {"email": "x@shop.example"}),
        "password/reset": ("/auth/password/reset", {"token": "t", "password": "p"}),
        "email/confirm": ("/auth/email/confirm", {"token": "t"}),
    }
    fault = problem(422, "invalid-request", errors=[{"field": it, "reason": "Odd."} for it in ("email", "password")])
    refusals: list[Reply | Exception] = [problem(429, "rate-limited", retry_after=90), UNREACHABLE, fault]
    refusals += [
        problem(422, "unheard-of"),
        problem(409, "address-taken"),
        problem(422, "link-not-valid"),
        problem(401, "wrong-credentials"),
    ]
    for form, (path, fields) in forms.items():
        browser.write.answers(f"POST {path}", refusals[0])
        found.append(await browser.post(f"/el-gr/account/{form}"))
        for refusal in refusals:
            browser.write.answers(f"POST {path}", refusal)
            found.append(await browser.post(f"/el-gr/account/{form}", **fields))
    return found


async def own(browser: Browser) -> list[Page]:
    found = []
    for name in ("Anna Berg", None):
        await browser.begin(subject="s", token="t", refresh="r", name=name)
        browser.write.answers("GET /account", account.PROFILE)
        browser.write.answers("GET /auth/login-methods", Reply(200, {"password": bool(name), "passkeys": PASSKEYS}))
        account.devices(browser, "Firefox", "")
        home, work = account.address("a-1"), account.address("a-2", for_delivery=True)
        account.book(browser, *([home, work] if name else []))
        history = [
            {"purpose": "newsletter", "given": it, "wording": "w-1", "at": NOW.isoformat()} for it in (True, False)
        ]
        browser.write.answers("GET /account/consents", Reply(200, {"consents": history}))
        edges = [{"node": {**order(), "lines": [LINE | {"product": None}]}}]
        answer = data(me={"orders": {"edges": edges, "pageInfo": None}}) if name else failed("REBUILDING", "me")
        browser.read.answers("Orders", answer)
        paths = [*account.PAGES, "/passkeys", "/again", "/delete/confirm"]
        paths += [f"?after={it}" for it in ("welcome", "profile", "password")]
        found += [await browser.get(f"/el-gr/account{it}") for it in paths]
    browser.read.answers("Orders", data(me=None))
    found += [await browser.get(f"/el-gr/account{it}") for it in ("", "/addresses/a-1")]
    browser.write.answers("GET /auth/login-methods", Reply(200, {"password": True, "passkeys": []}))
    faults = [{"field": it, "reason": "Odd."} for it in ("name", "phone", "city", "password")]
    for to, form in FORMS.items():
        for status, kind in ((422, "invalid-request"), (401, "wrong-credentials"), (422, "weak-password")):
            browser.write.answers(to, problem(status, kind, errors=faults))
            found += [await browser.post(f"/el-gr/account/{form}", **it) for it in ({}, FILLED)]
    found.append(await browser.get("/el-gr/account/passkeys"))
    guest = {"order_id": "o-1", "number": "7KQ4M-2XHTD", "placed_at": NOW.isoformat(), "total": usd(5)}
    browser.write.answers("GET /account/guest-orders", Reply(200, {"orders": [guest]}))
    edges = [{"node": {**order(), "lines": [LINE | {"product": None}]}}]
    none: dict[str, Any] = {"edges": [], "pageInfo": None}
    browser.read.answers("Orders", data(me={"orders": {**none, "edges": edges}}), data(me={"orders": none}))
    found += [await browser.get("/el-gr/orders") for _ in range(2)]
    await at_hand(browser)
    await browser.begin(subject="s", token="t", refresh="r", name="Anna", cart="cart-1")
    return [*found, await browser.get("/el-gr/checkout")]


PASSKEYS = [{"passkey_id": "p", "name": "Phone", "added_at": account.AT, "used_at": it} for it in (account.AT, None)]
FORMS = {
    "POST /auth/passkeys": "passkeys",
    "PATCH /account": "profile",
    "PUT /auth/password": "password",
    "POST /auth/email": "email",
    "POST /account/addresses": "addresses/new",
    "POST /auth/login": "delete/confirm",
}
FILLED: dict[str, Any] = {
    "current": "p",
    "new": "p",
    "email": "x@shop.example",
    "password": "p",
    "again": "yes",
    "passkey": "{}",
    **account.PLACE,
    "country": "CH",
}


async def errors(browser: Browser) -> list[Page]:
    found = [await browser.get("/el-gr/nothing"), await browser.post("/el-gr/cart/items", site="cross-site")]
    for reply in (failed("REBUILDING", "products"), failed("BUSY", "products"), RuntimeError()):
        browser.read.answers("Home", reply)
        found.append(await browser.get("/el-gr/"))
    found.append(Page(await browser.client.put("/el-gr/cart")))
    for stands in STANDS:
        await browser.begin(cart="cart-1")
        refused = problem(409, CHECKED_OUT, stands=stands, checkout_id="c-1")
        browser.write.answers("POST /checkouts/c-1/cancel", refused)
        browser.write.answers("POST /orders/c-1/cancel", refused)
        browser.read.answers("Order", data(order=order("DELIVERED")))
        found.append(await browser.post("/el-gr/orders/c-1/cancel", key="k"))
    return found


VISITS: Sequence[Visits] = (catalogue, carts, checkouts, orders, entering, own, errors)
