"""Carts: what the shopper wants, and the prices that the till agrees."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from commands.lookups.checkout import accept_price_changes, add_items, open_cart
from domain.cart.commands import AgreePrice, ChangeQuantity, OpenCart, RemoveItem
from domain.customer.commands import KeepCart
from domain.shared.ids import CartId, CustomerId, Sku
from write_api.http.context import Shop, Till
from write_api.http.fields import Amount, Body, Code, Item, PathCode, PathId, Quantity, Reason, example
from write_api.http.ownership import OwnCart
from write_api.http.responses import Accepted
from write_api.http.route import CommandRoute

router = APIRouter(prefix="/carts", tags=["carts"], route_class=CommandRoute)

MOST_ITEMS = 200
Items = Annotated[list[Item], Field(max_length=MOST_ITEMS)]


class NewCart(Body):
    """What is in the cart from the start."""

    model_config = example(items=[{"sku": "MUG", "quantity": 2}])

    items: Items = Field(default=[])


class NewItems(Body):
    """All of them are added, or none."""

    model_config = example(items=[{"sku": "MUG", "quantity": 2}, {"sku": "TEA", "quantity": 1}])

    items: Annotated[Items, Field(min_length=1)]


class NewQuantity(Body):
    model_config = example(quantity=3)

    quantity: Quantity


class Accepting(Body):
    """The SKUs whose new prices the shopper takes."""

    model_config = example(skus=["MUG"])

    skus: Annotated[list[Code], Field(min_length=1, max_length=MOST_ITEMS)]


class Agreement(Body):
    """What the whole line costs, and why."""

    model_config = example(total={"amount": 2000, "currency": "USD"}, reason="Scratched")

    total: Amount
    reason: Reason


class CartOpened(Accepted):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"position": "48211", "revision": 1, "cart_id": "0197f0a4-9f6e-7c39-b1a5-3f1d2c4b5a69"}]
        }
    )

    cart_id: str


@router.post("", status_code=201)
async def open_a_cart(context: Shop, body: NewCart) -> CartOpened:
    """Create a cart. It may have items from the start. An account keeps it for all devices."""
    opening = OpenCart(
        cart_id=CartId(context.new_id("cart")),
        owner=CustomerId(context.caller.subject),
        currency=context.ports.rules.currency,
        at=context.now,
    )
    at = await open_cart(context.handler, opening, [item.units() for item in body.items], context.metadata)
    if context.caller.session is not None:
        kept = KeepCart(subject=context.caller.subject, cart_id=opening.cart_id, at=context.now)
        await context.ports.handler(kept, context.following("keep cart"))
    context.created("carts", opening.cart_id)
    return context.answer(CartOpened, at, cart_id=opening.cart_id)


@router.post("/{cart_id}/items")
async def add_to_cart(context: Shop, cart_id: OwnCart, body: NewItems) -> Accepted:
    """Add items to a cart. They are added at the prices in force, all of them or none."""
    wanted = [item.units() for item in body.items]
    return context.accepted(await add_items(context.handler, cart_id, wanted, context.now, context.metadata))


@router.patch("/{cart_id}/items/{sku}")
async def change_quantity(context: Shop, cart_id: OwnCart, sku: PathCode, body: NewQuantity) -> Accepted:
    """Change the quantity of an item in a cart."""
    change = ChangeQuantity(cart_id=cart_id, sku=Sku(sku), quantity=body.quantity, at=context.now)
    return await context.carry_out(change)


@router.delete("/{cart_id}/items/{sku}")
async def remove_from_cart(context: Shop, cart_id: OwnCart, sku: PathCode) -> Accepted:
    """Remove an item from a cart. One that is not there is no error."""
    return await context.carry_out(RemoveItem(cart_id=cart_id, sku=Sku(sku), at=context.now))


@router.post("/{cart_id}/price-changes/accept")
async def accept_new_prices(context: Shop, cart_id: OwnCart, body: Accepting) -> Accepted:
    """Accept changed prices of items in a cart. The prices in force are taken."""
    skus = [Sku(sku) for sku in body.skus]
    return context.accepted(await accept_price_changes(context.handler, cart_id, skus, context.now, context.metadata))


@router.put("/{cart_id}/items/{sku}/agreed-price")
async def agree_price(context: Till, cart_id: PathId, sku: PathCode, body: Agreement) -> Accepted:
    """Set an agreed price for a cart line. It is for the whole line, in any cart."""
    agreed = AgreePrice(
        cart_id=CartId(cart_id), sku=Sku(sku), total=body.total.money(), reason=body.reason, at=context.now
    )
    return await context.carry_out(agreed)
