"""The facts of one account."""

import json
from collections.abc import Sequence
from typing import Any

from domain.customer.events import (
    AddressAdded,
    AddressChanged,
    AddressRemoved,
    ConsentGiven,
    ConsentWithdrawn,
    CustomerRegistered,
    EmailVerified,
    ProfileChanged,
)
from domain.shared.personal import Sealed
from tests.support.builders.event_log_builder import NOON

SUBJECT = "shopper-1"


def sealed(plain: str) -> Sealed:
    """As the write API seals it, for a vault that seals nothing."""
    return Sealed(subject=SUBJECT, ciphertext=plain)


def home(street: str) -> Sealed:
    return sealed(json.dumps({"name": "Anna Berg", "street": street, "city": "Zürich", "country": "CH"}))


ACCOUNT: Sequence[Any] = [
    CustomerRegistered(subject=SUBJECT, email=sealed("anna@shop.example"), profile=None, at=NOON),
    EmailVerified(subject=SUBJECT, at=NOON),
    ProfileChanged(subject=SUBJECT, profile=sealed('{"name": "Anna Berg", "language": "de-CH"}'), at=NOON),
    *(
        AddressAdded(
            subject=SUBJECT,
            address_id=it,
            address=home(f"{it} 1"),
            for_delivery=it == "a",
            for_billing=it == "a",
            at=NOON,
        )
        for it in ("a", "b", "c")
    ),
    AddressChanged(subject=SUBJECT, address_id="b", address=None, for_delivery=True, for_billing=False, at=NOON),
    AddressRemoved(subject=SUBJECT, address_id="c", for_delivery="b", for_billing="a", at=NOON),
    ConsentGiven(subject=SUBJECT, purpose="newsletter", wording="newsletter-2026-11", at=NOON),
    ConsentWithdrawn(subject=SUBJECT, purpose="newsletter", at=NOON),
]
