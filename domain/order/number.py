"""The number by which people name an order: short enough to be read out over a telephone."""

from hashlib import blake2b
from typing import NewType

from domain.shared.ids import OrderId

OrderNumber = NewType("OrderNumber", str)

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: without the letters that are taken for digits, and without U."""

HALF = 5
BITS = 5 * 2 * HALF

_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def number_of(order: OrderId) -> OrderNumber:
    """The number of an order, such as `7KQ4M-2XHTD`. It follows from the id alone (docs/adr/0057)."""
    bits = int.from_bytes(blake2b(order.encode(), digest_size=8).digest()) >> (64 - BITS)
    text = "".join(ALPHABET[bits >> place & 31] for place in range(BITS - 5, -1, -5))
    return OrderNumber(f"{text[:HALF]}-{text[HALF:]}")


def typed_number(text: str) -> OrderNumber | None:
    """Parse an order number as typed, in small letters or without its hyphen; None if it is not one."""
    plain = text.strip().upper().translate(_LOOKALIKES)
    if len(plain) != 2 * HALF or not all(letter in ALPHABET for letter in plain):
        return None
    return OrderNumber(f"{plain[:HALF]}-{plain[HALF:]}")
