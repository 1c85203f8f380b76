"""Orders that a shopper made as a guest, before they had an account: which there are, and claiming them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from commands.accounts.claiming import claimable, claims
from domain.order.number import number_of
from domain.shared.ids import OrderId
from write_api.http.account import OwnAccount
from write_api.http.fields import ID, Body, example
from write_api.http.responses import Accepted
from write_api.http.route import CommandRoute
from write_api.own_orders import Sum

router = APIRouter(prefix="/account/guest-orders", tags=["account"], route_class=CommandRoute)

MOST = 100
ORDER_ID = "0197f0a5-1d2c-7b1e-8f00-6a7b8c9d0e1f"


class GuestOrder(BaseModel):
    """An order that was made as a guest with the address of the account."""

    order_id: str
    number: str
    placed_at: datetime
    total: Sum


class GuestOrders(BaseModel):
    """The latest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "orders": [
                        {
                            "order_id": ORDER_ID,
                            "number": "7KQ4M-2XHTD",
                            "placed_at": "2026-11-25T12:00:00Z",
                            "total": {"amount": 2999, "currency": "USD"},
                        }
                    ]
                }
            ]
        }
    )

    orders: list[GuestOrder]


class Claiming(Body):
    """The orders that are the shopper's."""

    model_config = example(orders=[ORDER_ID])

    orders: Annotated[list[Annotated[str, Field(pattern=ID)]], Field(min_length=1, max_length=MOST)]


@router.get("")
async def read_guest_orders(account: OwnAccount) -> GuestOrders:
    """Read which orders were made as a guest with the verified address of the account. Nobody has claimed them yet."""
    found = await claimable(account.accounts, account.subject)
    return GuestOrders(
        orders=[
            GuestOrder(
                order_id=it.order_id,
                number=number_of(it.order_id),
                placed_at=it.at,
                total=Sum(amount=it.total.amount, currency=it.total.currency),
            )
            for it in found
        ]
    )


@router.post("/claim")
async def claim_guest_orders(account: OwnAccount, body: Claiming) -> Accepted:
    """Claim orders that were made as a guest with the verified address of the account.

    They are in the account's list from then on. Links to them go on working. One that is claimed already is no error.
    """
    context = account.context
    orders = [OrderId(it) for it in dict.fromkeys(body.orders)]
    accepted = await context.carry_out(*await claims(account.accounts, account.subject, orders, context.now))
    await account.accounts.contacts.settle(orders)
    return accepted
