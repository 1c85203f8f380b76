"""A guest who logs in finds what was in their cart in the cart of the account.

The guest's cart is handed over first: only one login gets it, and nothing is put into it any more. Its lines then go
into the account's cart, which takes each cart once. A repeat does what a crash left undone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from commands.accounts.services import Accounts, by
from commands.lookups.catalogue import offers_left
from commands.routes import CART, CUSTOMER, STOCK, stock_stream
from domain.cart.commands import HandOverCart, MergeCart, MergedItem, OpenCart
from domain.cart.events import MergedLine
from domain.cart.state import Cart, Line
from domain.customer.commands import KeepCart
from domain.customer.state import Customer
from domain.shared.derived import derived_id
from domain.shared.errors import DomainError
from domain.shared.frozen import replace
from domain.shared.ids import CartId, CustomerId, Warehouse
from domain.stock.state import Stock

NAMESPACE = UUID("c4b3f0a2-6f58-5a0e-8d0c-0b7a7f4e9d13")
"""Of ids that follow from an account and a guest's cart. Never changes."""


@dataclass(frozen=True, slots=True)
class CartOfLogin:
    """The cart of the account after a login, and what the merge did to each line of the guest's."""

    cart_id: CartId
    lines: Sequence[MergedLine]


async def merge_cart(
    accounts: Accounts, subject: str, guest: str, guest_cart: CartId, warehouses: Sequence[Warehouse]
) -> CartOfLogin | None:
    """None when there is nothing of the guest's to merge: no such cart, bought, abandoned, or another account's."""
    theirs = await _cart(accounts, guest_cart)
    if theirs.owner != guest:
        return None
    target = theirs.handed_to or await _target(accounts, subject, guest_cart, theirs.currency)
    ids = derived_id(NAMESPACE, f"{subject}\n{guest_cart}")
    now = accounts.clock()
    handing = HandOverCart(cart_id=guest_cart, to_owner=CustomerId(subject), to_cart=target, at=now)
    try:
        await accounts.handler(handing, by(guest, derived_id(ids, "hand over")))
    except DomainError:
        return None
    theirs, ours = await _cart(accounts, guest_cart), await _cart(accounts, target)
    if theirs.handed_to != target or ours.owner != subject:
        return None
    items = await _items(accounts, theirs.lines, warehouses)
    merging = MergeCart(cart_id=target, from_cart=guest_cart, items=items, at=now)
    try:
        await accounts.handler(merging, by(subject, derived_id(ids, "merge")))
    except DomainError:
        return None  # it is being bought just now; a later login finds another cart
    merged = (await _cart(accounts, target)).merged
    return CartOfLogin(target, next(it.lines for it in merged if it.from_cart == guest_cart))


async def kept_cart(accounts: Accounts, subject: str) -> CartId | None:
    """The cart that the account opened last, as long as something can be put into it."""
    customer: Customer = await accounts.handler.state_of(CUSTOMER, f"customer-{subject}")
    if customer.cart_id is None or not (await _cart(accounts, customer.cart_id)).is_open:
        return None
    return customer.cart_id


async def _target(accounts: Accounts, subject: str, guest_cart: CartId, currency: str) -> CartId:
    """The cart that the account keeps, or a new one that it keeps from now on."""
    if (kept := await kept_cart(accounts, subject)) is not None:
        return kept
    ids, now = derived_id(NAMESPACE, f"{subject}\n{guest_cart}"), accounts.clock()
    cart_id = CartId(str(derived_id(ids, "cart")))
    opening = OpenCart(cart_id=cart_id, owner=CustomerId(subject), currency=currency, at=now)
    await accounts.handler(opening, by(subject, derived_id(ids, "open")))
    await accounts.handler(KeepCart(subject=subject, cart_id=cart_id, at=now), by(subject, derived_id(ids, "keep")))
    return cart_id


async def _items(accounts: Accounts, lines: Sequence[Line], warehouses: Sequence[Warehouse]) -> tuple[MergedItem, ...]:
    left = await offers_left(accounts.handler, (line.sku for line in lines), accounts.clock())
    offers = {offer.sku: offer for offer in left}
    items = list[MergedItem]()
    for line in lines:
        offer = offers.get(line.sku)
        stocks: list[Stock] = [await accounts.handler.state_of(STOCK, stock_stream(line.sku, it)) for it in warehouses]
        items.append(
            MergedItem(
                sku=line.sku,
                quantity=line.quantity,
                offer=None if offer is None else replace(offer, unit_price=line.seen),
                available=sum(stock.available for stock in stocks),
            )
        )
    return tuple(items)


async def _cart(accounts: Accounts, cart_id: CartId) -> Cart:
    cart: Cart = await accounts.handler.state_of(CART, f"cart-{cart_id}")
    return cart
