"""Ownership. What belongs to another caller is answered like what is missing, as in the read API."""

from typing import Annotated

from fastapi import Depends

from commands.routes import CART, CUSTOMER, ORDER, PAYMENT
from domain.cart.errors import CartNotFound
from domain.cart.state import Cart
from domain.customer.state import Customer
from domain.order.errors import OrderNotFound
from domain.order.state import Order
from domain.payment.errors import PaymentNotFound
from domain.payment.state import Payment
from domain.shared.ids import GUEST, CartId, CheckoutId, OrderId, payment_of
from domain.staff.permissions import Permission
from write_api.http.context import Context, Shop, ShopOrOrders
from write_api.http.fields import PathId


async def cart_of_caller(context: Context, cart_id: str) -> CartId:
    """The cart, if it is the caller's. An owner never changes, so what is known of it is enough."""
    cart: Cart = await context.handler.known(CART, f"cart-{cart_id}")
    if cart.owner != context.caller.subject or cart.handed_to is not None:
        raise CartNotFound(f"There is no cart {cart_id} of yours. Open one first.", "cart_id")
    return CartId(cart_id)


async def _own_cart(context: Shop, cart_id: PathId) -> CartId:
    return await cart_of_caller(context, cart_id)


async def _own_checkout(context: Shop, checkout_id: PathId) -> CheckoutId:
    checkout = CheckoutId(checkout_id)
    payment: Payment = await context.handler.known(PAYMENT, f"payment-{payment_of(checkout)}")
    if payment.customer_id != context.caller.subject:
        raise PaymentNotFound(f"No checkout {checkout_id} of yours has asked for a payment yet.")
    return checkout


async def _own_order(context: ShopOrOrders, order_id: PathId) -> OrderId:
    order: Order = await context.handler.known(ORDER, f"order-{order_id}")
    if not context.may(Permission.ORDERS) and not await _is_own(context, order, OrderId(order_id)):
        raise OrderNotFound(f"There is no order {order_id} of yours.")
    return OrderId(order_id)


async def _is_own(context: Context, order: Order, order_id: OrderId) -> bool:
    """Whether the caller placed the order, or claimed it from a guest."""
    if order.customer_id is None or order.customer_id == context.caller.subject:
        return order.customer_id is not None
    if not order.customer_id.startswith(GUEST) or context.caller.session is None:
        return False
    account: Customer = await context.handler.state_of(CUSTOMER, f"customer-{context.caller.subject}")
    return order_id in account.claimed


OwnCart = Annotated[CartId, Depends(_own_cart)]
OwnPayment = Annotated[CheckoutId, Depends(_own_checkout)]
OwnOrder = Annotated[OrderId, Depends(_own_order)]
