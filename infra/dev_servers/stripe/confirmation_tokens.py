"""Confirmation tokens: what Stripe.js hands over instead of a card."""

from datetime import timedelta

from infra.dev_servers.stripe import payment_methods
from infra.dev_servers.stripe.account import Account
from infra.dev_servers.stripe.forms import Json
from infra.dev_servers.stripe.parameters import one_of, text
from infra.dev_servers.stripe.refusals import Refused

CREATE = ("payment_method", "payment_method_data", "return_url", "setup_future_usage", "shipping", "expand")
LASTS = timedelta(hours=12)


def create(account: Account, form: Json) -> Json:
    """Stand in for Stripe.js, as its test helper does."""
    usage, id = one_of(form, "setup_future_usage", ("on_session", "off_session")), text(form, "payment_method")
    if id is None:
        method = payment_methods.from_data(account, form)
    else:
        method = payment_methods.usable(account, id, "payment_method")
    return account.add(
        "confirmation_token",
        expires_at=int((account.now() + LASTS).timestamp()),
        mandate_data=None,
        payment_intent=None,
        payment_method_options=None,
        payment_method_preview={
            "billing_details": dict(method["billing_details"]),
            "card": dict(method["card"]),
            "customer": method["customer"],
            "type": "card",
        },
        return_url=text(form, "return_url"),
        setup_future_usage=usage,
        setup_intent=None,
        shipping=None,
        use_stripe_sdk=True,
    )


def retrieve(account: Account, form: Json, id: str) -> Json:  # noqa: ARG001 - as all routes
    return account.find("confirmation_token", id, "confirmation_token")


def used(account: Account, id: str, intent: Json, back: str | None) -> tuple[Json, str | None]:
    """The payment method of a token, and where the shopper goes back to. A token is used once. Raises Refused."""
    token = account.find("confirmation_token", id, "confirmation_token", 400)
    if token["payment_intent"] or token["setup_intent"]:
        raise Refused(
            status=400,
            message=f"The ConfirmationToken {id} has already been used.",
            param="confirmation_token",
        )
    if token["expires_at"] <= account.seconds():
        raise Refused(status=400, message=f"The ConfirmationToken {id} has expired.", param="confirmation_token")
    token["setup_intent" if intent["object"] == "setup_intent" else "payment_intent"] = intent["id"]
    if token["setup_future_usage"] and intent["object"] == "payment_intent":
        intent["setup_future_usage"] = token["setup_future_usage"]
    method = account.add(
        "payment_method",
        allow_redisplay="unspecified",
        metadata={},
        **token["payment_method_preview"],
    )
    return method, back or token["return_url"]
