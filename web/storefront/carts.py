"""The visitor's cart: which one it is, and commands on it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from web.api.faults import TryLater
from web.api.write import Done, Refused
from web.http.visit import Visit

BOUGHT = "bought"
DOUBLE_CLICK = 1.0
"""Seconds within which the same wish again is the same click, if the cart was not changed in between."""


async def cart_id(visit: Visit) -> str:
    """The cart of the session, opened if there is none.

    Its key follows from the session and the number of its carts: several first clicks open one cart.
    """
    session = await visit.begin()
    if session.cart is not None:
        return session.cart
    key = visit.key_for("cart", session.carts)
    done = await visit.command("POST", "/carts", {"items": []}, key=key, remember=_opened)
    return str(done.document["cart_id"])


async def change(visit: Visit, method: str, below: str, body: Mapping[str, Any] | None, key: str) -> Done:
    """A command on the cart; the session remembers where the cart stands. Raises Refused."""
    return await visit.command(method, f"/carts/{await cart_id(visit)}{below}", body, key=key, remember=_changed)


def _opened(done: Done) -> Mapping[str, Any]:
    return {"cart": str(done.document["cart_id"]), "cart_revision": done.revision}


def _added(wish: str, revision: int, at: float, done: Done) -> Mapping[str, Any]:
    return {**_changed(done), "added": wish, "added_at": at, "added_revision": revision, "added_to": done.revision}


def _changed(done: Done) -> Mapping[str, Any]:
    return {"cart_revision": done.revision}


async def add(visit: Visit, sku: str, quantity: int) -> None:
    """Put units into the cart; into a new one when the present one was bought or closed. Raises Refused."""
    body = {"items": [{"sku": sku, "quantity": quantity}]}
    for again in (True, False):
        cart = await cart_id(visit)
        assert visit.session is not None
        wish, now = f"{cart} {sku} {quantity}", visit.ports.clock().timestamp()
        last, revision = visit.session, visit.session.cart_revision
        if last.added == wish and last.added_to == revision and now - last.added_at < DOUBLE_CLICK:
            revision = last.added_revision
        path, key = f"/carts/{cart}/items", visit.key_for("add", wish, revision)
        added = partial(_added, wish, revision, now)
        try:
            await visit.command("POST", path, body, key=key, remember=added)
            return
        except Refused as refused:
            if not (again and is_over(refused)):
                raise
        await visit.remember(cart=None, carts=visit.session.carts + 1)


Wish = Mapping[str, Any]
"""A SKU and a quantity, as the API takes them."""


async def lines_of_guest(visit: Visit) -> Sequence[Wish]:
    """What a guest has in the cart and can buy. Raises TryLater, SessionOver."""
    if visit.session is None or not visit.session.is_guest or visit.session.cart is None:
        return ()
    cart = (await visit.ask("cart", cart=visit.session.cart))["cart"]
    if cart is None or cart["status"] != "OPEN":
        return ()
    return [{"sku": it["sku"], "quantity": it["quantity"]} for it in cart["lines"] if it["priceNow"]]


async def fill(visit: Visit, lines: Sequence[Wish]) -> None:
    """Open a cart with what was in another one. What cannot be sold any more leaves the cart unopened."""
    if not lines or visit.session is None:
        return
    with suppress(Refused, TryLater):
        key = visit.key_for("cart", visit.session.carts)
        await visit.command("POST", "/carts", {"items": lines}, key=key, remember=_opened)


def is_over(refused: Refused) -> bool:
    """Whether nothing can be done with the cart ever again."""
    was_bought = refused.code == "cart-is-checked-out" and refused.document.get("stands") == BOUGHT
    return was_bought or refused.code in ("cart-is-closed", "cart-not-found")


def checkout_of(refused: Refused) -> str | None:
    """The checkout that the cart is in, as a refusal names it."""
    return str(refused.document["checkout_id"]) if refused.code == "cart-is-checked-out" else None
