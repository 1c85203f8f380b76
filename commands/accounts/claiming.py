"""Orders that a shopper made as a guest, claimed by the account whose verified address they were made with.

Each contact of a checkout is claimed in its row before the event is appended and settled after it, so that no second
account gets the order, also when a process is killed between the steps.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from commands.accounts.services import Accounts
from commands.routes import CUSTOMER, ORDER
from domain.customer.commands import ClaimOrders
from domain.customer.state import Customer
from domain.order.errors import OrderNotFound
from domain.order.state import Order, OrderPhase
from domain.shared.ids import OrderId
from domain.shared.money import Money


@dataclass(frozen=True, slots=True)
class GuestOrder:
    """An order that the account can claim."""

    order_id: OrderId
    guest: str
    at: datetime
    total: Money


async def claimable(accounts: Accounts, subject: str) -> Sequence[GuestOrder]:
    """Orders made as a guest with the verified address of the account, the latest first."""
    address = await accounts.identity.address_of(subject)
    plain = None if address is None else await accounts.vault.open(address)
    if plain is None:
        return []
    customer: Customer = await accounts.handler.state_of(CUSTOMER, f"customer-{subject}")
    found = list[GuestOrder]()
    for contact in await accounts.contacts.open_to(subject, plain.decode()):
        order: Order = await accounts.handler.state_of(ORDER, f"order-{contact.order_id}")
        theirs = order.phase is not OrderPhase.NEW and order.customer_id == contact.subject
        if theirs and contact.order_id not in customer.claimed:
            found.append(GuestOrder(contact.order_id, contact.subject, contact.at, order.total))
    return found


async def claims(accounts: Accounts, subject: str, orders: Collection[OrderId], at: datetime) -> Sequence[ClaimOrders]:
    """The commands that claim these orders, whose contacts are taken. Those claimed before change nothing.

    Raises OrderNotFound.
    """
    customer: Customer = await accounts.handler.state_of(CUSTOMER, f"customer-{subject}")
    open_to_it = {it.order_id: it for it in await claimable(accounts, subject)}
    wanted = [it for it in orders if it not in customer.claimed]
    taken = await accounts.contacts.take(subject, [it for it in wanted if it in open_to_it])
    for order_id in wanted:
        if order_id not in taken:
            raise OrderNotFound(f"There is no order {order_id} that you made as a guest.", "orders")
    if not wanted:
        return [ClaimOrders(subject=subject, guest=min(customer.guests), orders=tuple(orders), at=at)]
    by_guest = attrgetter("guest")
    return [
        ClaimOrders(subject=subject, guest=guest, orders=tuple(it.order_id for it in its), at=at)
        for guest, its in groupby(sorted((open_to_it[it] for it in taken), key=by_guest), by_guest)
    ]
