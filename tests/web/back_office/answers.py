"""What the read API answers to the pages of the back office, and somebody who works there."""

from copy import deepcopy
from typing import Any

from tests.support.fixtures.pages import NOW, Browser, data, step, usd
from web.ports import Reply

ALL = ("catalogue", "prices", "stock", "fulfilment", "till", "orders", "refunds", "customers", "audit", "operations")
AT = "2026-11-30T10:00:00+00:00"
ORDER_ID, NUMBER, PARCEL = "o-1", "7KQ4M-2XHTD", "o-1.1"
BOOKS: dict[str, Any] = {
    "capturedOutside": True,
    "disputes": [
        {
            "disputeId": "dp",
            "status": "INQUIRY_NEEDS_RESPONSE",
            "amount": {"amount": 2999, "currency": "USD"},
            "reason": "fraudulent",
            "respondBy": AT,
            "moved": {"amount": -2999, "currency": "USD"},
            "fee": {"amount": -1500, "currency": "USD"},
        }
    ],
    "disputed": {"amount": -2999, "currency": "USD"},
    "fees": {"amount": -1500, "currency": "USD"},
    "received": {"amount": -1500, "currency": "USD"},
}
LAST_PAGE = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": "s", "endCursor": "e"}


async def works(browser: Browser) -> None:
    """A session of staff."""
    ends = NOW.timestamp() + 3600
    await browser.begin(subject="ada", roles=("staff",), token="staff-token", expires=ends, ends=ends)


def me(*permissions: str) -> dict[str, Any]:
    return {"subject": "ada", "permissions": list(permissions or ALL)}


def an_order(**more: Any) -> dict[str, Any]:
    """Two mugs in one parcel, paid."""
    return {
        "id": "T3JkZXI6by0x",
        "orderId": ORDER_ID,
        "number": NUMBER,
        "status": "PLACED",
        "placedAt": AT,
        "customerId": "anna",
        "revision": 3,
        "attention": [],
        "total": usd(2999),
        "owed": usd(2999),
        "lines": [
            {
                "sku": "MUG",
                "title": "A <b>mug</b>",
                "quantity": 2,
                "dispatched": 0,
                "cancelled": 0,
                "total": usd(2500),
                "priceSteps": [step(2500, "2 x 12.50 USD", rule=None)],
                "product": {"productId": "p-1"},
            }
        ],
        "delivery": {
            "method": "standard",
            "price": usd(499),
            "priceSteps": [step(499, "standard", rule=None)],
            "address": {
                "name": "Anna Berg",
                "street": "Bergstrasse 1",
                "postalCode": "8001",
                "city": "Zürich",
                "region": "",
                "country": "CH",
            },
        },
        "payment": {
            "paymentId": "pay-1",
            "revision": 5,
            "status": "CAPTURED",
            "method": "card",
            "captured": usd(2999),
            "refunded": usd(0),
            "refundable": usd(2999),
            "released": usd(0),
            "refunds": [],
            "failure": None,
            "failureDetail": None,
        },
        "books": BOOKS,
        "shipments": [a_parcel()],
        "timeline": [
            {
                "position": "1",
                "at": AT,
                "kind": "k",
                "what": "Parcel o-1.1 planned.",
                "by": "staff:bo",
                "byName": None,
                "why": "x",
            }
        ],
        **more,
    }


def a_parcel(status: str = "PLANNED") -> dict[str, Any]:
    return {
        "shipmentId": PARCEL,
        "revision": 7,
        "status": status,
        "warehouse": "MAIN",
        "items": [{"sku": "MUG", "quantity": 2}],
        "missing": [],
        "carrier": None,
        "tracking": None,
        "lastSeen": None,
    }


def order_page(*permissions: str, **more: Any) -> Reply:
    return data(me=me(*permissions), order=deepcopy(an_order(**more)))


def a_product(**more: Any) -> dict[str, Any]:
    return {
        "productId": "p-1",
        "title": "A mug",
        "brand": "Potters",
        "description": "Holds 0.3 l.",
        "status": "PUBLISHED",
        "changedAt": AT,
        "revision": 4,
        "category": {"categoryId": "c-1", "name": "Cups", "path": [{"categoryId": "c-1", "name": "Cups"}]},
        "price": usd(1250),
        "variants": [
            {
                "sku": "MUG",
                "baseQuantity": 1,
                "inStock": True,
                "options": [{"name": "size", "value": "large"}],
                "price": usd(1250),
                "prices": [
                    {"validFrom": AT, "price": usd(1250)},
                    {"validFrom": "2027-01-01T00:00:00+00:00", "price": usd(1100)},
                ],
            }
        ],
        "media": [],
        **more,
    }


def connection(name: str, *nodes: dict[str, Any], info: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {name: {"edges": [{"node": node} for node in nodes], "pageInfo": info or LAST_PAGE, **more}}
