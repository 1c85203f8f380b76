"""What schemathesis is told about our shop: what there is in it, and which refusals of a right request are right."""

import json
from typing import Any
from zlib import crc32

import schemathesis
from schemathesis.openapi.checks import RejectedPositiveData

from tests.hostile.everything import CATEGORY, IDS, MAIN, PARCELS, PARKED
from tests.support.builders.for_sale import MUG, TEA, product_id

KNOWN: dict[str, list[str]] = {
    "sku": [MUG, TEA],
    "warehouse": [MAIN],
    "product_id": [product_id(MUG), product_id(TEA)],
    "category_id": [CATEGORY],
    "command_id": [str(PARKED)],
    "shipment_id": PARCELS,
    **dict.fromkeys(("cart_id", "order_id", "payment_id", "checkout_id"), IDS),
}
SHAPE = {"urn:counterfoil:problem:invalid-request", "urn:counterfoil:problem:malformed-json"}
"""What nobody hears whose request has the shape that the document asks for."""

IF_MATCH = {f"urn:counterfoil:problem:{kind}" for kind in ("precondition-failed", "unusable-e-tag")}
"""What an If-Match may be answered with; that of no characters, which the document excludes, is thrown all the same."""

BEYOND_SCHEMA = {
    "Send a whole number.",
    "Send an address such as anna@shop.example.",
    "Send the name of one (IANA), such as Europe/Zurich.",
    "Send either a password or a passkey.",
}
"""Corrections of values that a schema cannot rule out: 1.0, which is an integer to JSON Schema, an address under a
reserved domain, a name that is no time zone, two ways in where one is chosen."""


def _known(name: str, value: Any) -> Any:
    """Three of four names that could be one become one of ours; told by the name, so that a seed repeats it."""
    found = KNOWN.get(name)
    if found is None or not isinstance(value, str) or not value.isascii() or not value[:1].isalnum():
        return value
    chosen = crc32(value.encode())
    return value if chosen % 4 == 0 else found[chosen % len(found)]


def _filled(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, name.removesuffix("s")) for inner in value]
    return _known(name, value)


@schemathesis.hook
def map_path_parameters(_context: Any, path_parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: _known(name, value) for name, value in (path_parameters or {}).items()}


@schemathesis.hook
def map_body(_context: Any, body: Any) -> Any:
    return _filled(body)


@schemathesis.hook
def filter_failure(_context: Any, failure: Any, _case: Any, response: Any) -> bool:
    """A request of the right shape may still break a rule (a key used before, a delivery method that is none), or mean
    another revision of a thing than there is. It may also have a value that no schema can rule out.
    """
    if isinstance(failure, RejectedPositiveData) and response.status_code in (400, 412):
        return json.loads(response.content)["type"] not in IF_MATCH
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 422:
        return True
    told = json.loads(response.content)
    return told["type"] in SHAPE and any(fault.get("fix") not in BEYOND_SCHEMA for fault in told["errors"])
