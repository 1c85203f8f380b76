"""What Stripe answers instead of an object."""

from dataclasses import dataclass, field

from infra.dev_servers.stripe.forms import Json

DOCUMENTED = "https://stripe.com/docs/error-codes/"


@dataclass(slots=True, kw_only=True)
class Refused(Exception):
    """An error body and its status. `kept`: it is the answer of its idempotency key from now on."""

    status: int
    type: str = "invalid_request_error"
    message: str
    code: str | None = None
    param: str | None = None
    more: Json = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    kept: bool = True

    def body(self) -> Json:
        said = {"code": self.code, "message": self.message, "param": self.param, "type": self.type, **self.more}
        if self.code:
            said["doc_url"] = DOCUMENTED + self.code.replace("_", "-")
        return {"error": {name: value for name, value in said.items() if value is not None}}


def invalid(message: str, param: str, code: str | None = None) -> Refused:
    """Parameters that fail validation: nothing was begun, so nothing is kept under the key."""
    return Refused(status=400, message=message, param=param, code=code, kept=False)


def missing(kind: str, id: str, param: str = "id", status: int = 404) -> Refused:
    return Refused(status=status, message=f"No such {kind}: '{id}'", param=param, code="resource_missing")


def unexpected(intent: Json, deed: str, allowed: tuple[str, ...]) -> Refused:
    """An intent whose status does not allow that."""
    return Refused(
        status=400,
        code="payment_intent_unexpected_state",
        message=(
            f"This PaymentIntent could not be {deed} because it has a status of {intent['status']}. Only a"
            f" PaymentIntent with one of the following statuses may be {deed}: {', '.join(allowed)}."
        ),
        more={"payment_intent": dict(intent)},
    )


def unauthorised(message: str) -> Refused:
    return Refused(status=401, message=message, headers={"WWW-Authenticate": 'Bearer realm="Stripe"'}, kept=False)


def rate_limited(reason: str, code: str = "rate_limit") -> Refused:
    """Not executed. The library does not repeat it unless it is told to."""
    return Refused(
        status=429,
        code=code,
        message="Request rate limit exceeded." if code == "rate_limit" else "This object cannot be accessed right now.",
        headers={"Stripe-Rate-Limited-Reason": reason, "Stripe-Should-Retry": "true"}
        if code == "lock_timeout"
        else {"Stripe-Rate-Limited-Reason": reason},
        kept=False,
    )


def server_error(*, kept: bool) -> Refused:
    return Refused(status=500, type="api_error", message="An unknown error occurred.", kept=kept)
