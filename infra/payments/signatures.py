"""Signatures of webhooks in Stripe's scheme: HMAC-SHA256 over the time and the body."""

import hmac
import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from domain.shared.errors import Invalid

TOLERANCE = 300
"""Seconds that a signature may be from now, in either direction (Stripe, "Verify webhook signatures"): a stolen request
is soon worthless, and a time from the future does not make it last."""

LONGEST = 4096
_TIME = re.compile("[0-9]{1,12}")


class WebhookRefused(Invalid):
    """The webhook was not signed by the gateway, or is too old."""


def sign(body: bytes, secret: bytes, now: datetime) -> str:
    """The header that proves who sent the body, and when."""
    at = int(now.timestamp())
    return f"t={at},v1={_mac(body, secret, at)}"


def verify(body: bytes, signature: str, now: datetime, secrets: Sequence[bytes]) -> None:
    """Accept a body as it came, signed with one of the secrets; there are two while one is replaced.

    Raises WebhookRefused, always if there is no secret.
    """
    parts = [part.partition("=")[::2] for part in signature[:LONGEST].split(",")]
    times = [value for name, value in parts if name.strip() == "t"]
    if len(times) != 1 or not _TIME.fullmatch(times[0]):
        raise WebhookRefused("The signature has no time.")
    at = int(times[0])
    # Compared in constant time, and before the age is looked at.
    given = [value.encode() for name, value in parts if name.strip() == "v1"]
    expected = [_mac(body, secret, at).encode() for secret in secrets if secret]
    if not any(hmac.compare_digest(value, mac) for mac in expected for value in given):
        raise WebhookRefused("The signature is not the gateway's.")
    if abs(now.timestamp() - at) > TOLERANCE:
        raise WebhookRefused("The signature is too old.")


def _mac(body: bytes, secret: bytes, at: int) -> str:
    return hmac.new(secret, b"%d." % at + body, sha256).hexdigest()
