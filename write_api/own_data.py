"""All that the shop holds of a shopper, as one document (GDPR, Articles 15 and 20)."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import TypeVar

import msgspec
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from domain.shared.ids import CustomerId
from projections.order_view import OrderView
from write_api.account import (
    Decision,
    KeptAddress,
    Profile,
    read_addresses,
    read_consents,
    read_profile,
)
from write_api.http.account import Account, OwnAccount
from write_api.http.errors import NotReady
from write_api.http.route import CommandRoute
from write_api.logins import Device, read_sessions
from write_api.own_orders import OwnDestination, OwnedCart, OwnOrder, cart_of, order_of

router = APIRouter(prefix="/account", tags=["account"], route_class=CommandRoute)

MOST, MOST_LINES = 1_000, 10_000
WITHIN = 8.0
"""Seconds. The pages wait for ten."""

T = TypeVar("T")


class OwnData(BaseModel):
    """Orders and carts come from the read models, which follow within a second; all else is as it is now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "generated_at": "2026-11-30T12:00:00Z",
                    "profile": {
                        "subject": "shopper-0197f0a4-9f6e-5c39-b1a5-3f1d2c4b5a69",
                        "email": "anna@shop.example",
                        "name": "Anna Berg",
                        "registered_at": "2026-11-25T12:00:00Z",
                    },
                    "addresses": [],
                    "consents": [],
                    "sessions": [],
                    "orders": [],
                    "all_orders": True,
                    "carts": [],
                    "all_carts": True,
                }
            ]
        }
    )

    generated_at: datetime
    profile: Profile
    addresses: list[KeptAddress]
    consents: list[Decision] = Field(description="Every decision, the oldest first.")
    sessions: list[Device] = Field(description="Devices that are logged in.")
    orders: list[OwnOrder] = Field(description="The newest first.")
    all_orders: bool = Field(description="False: there are older ones. The read API lists them (`me { orders }`).")
    carts: list[OwnedCart] = Field(description="The newest first.")
    all_carts: bool = Field(description="False: there are older ones.")


@router.get("/data")
async def download_own_data(account: OwnAccount) -> OwnData:
    """Download all that the shop holds of the account.

    Of orders, and of carts, the newest 1,000 are in it, and fewer where these have more than 10,000 lines. It needs a
    login within the last 10 minutes.
    """
    account.check_fresh()
    try:
        async with asyncio.timeout(WITHIN):
            data = await _gathered(account)
    except TimeoutError:
        raise NotReady("The data could not be gathered in time. Try again in a moment.") from None
    account.context.response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return data


async def _gathered(account: Account) -> OwnData:
    """Raises NotReady, StoreUnavailable."""
    records, owner = account.context.ports.own_records, CustomerId(account.subject)
    if records is None:
        raise NotReady("This write API has no read models.")
    orders, all_orders = await _newest(records.orders(owner), lambda it: len(it.order.lines))
    carts, all_carts = await _newest(records.carts(owner), lambda it: len(it[1].cart.lines))
    return OwnData(
        generated_at=account.context.now,
        profile=await read_profile(account),
        addresses=(await read_addresses(account)).addresses,
        consents=(await read_consents(account)).consents,
        sessions=(await read_sessions(account)).sessions,
        orders=[order_of(it, await _destination(account, it)) for it in orders],
        all_orders=all_orders,
        carts=[cart_of(*it) for it in carts],
        all_carts=all_carts,
    )


async def _newest(pages: AsyncGenerator[Sequence[T]], lines_of: Callable[[T], int]) -> tuple[list[T], bool]:
    """As many as go into the document, and whether these are all."""
    found, lines = list[T](), 0
    async with aclosing(pages):
        async for page in pages:
            for it in page:
                lines += lines_of(it)
                if len(found) == MOST or lines > MOST_LINES:
                    return found, False
                found.append(it)
    return found, True


async def _destination(account: Account, view: OrderView) -> OwnDestination | None:
    """None when there is none. What is sealed for another subject is not opened."""
    sealed = None if view.placed is None else view.placed.address
    if sealed is None or sealed.subject not in (account.subject, view.customer_id):
        return None
    plain = await account.opened(sealed)
    return None if plain is None else OwnDestination.model_validate(msgspec.json.decode(plain))
