"""Setup intents: a card saved without a payment."""

from infra.dev_servers.stripe import confirmation_tokens, payment_methods
from infra.dev_servers.stripe.account import Account, new_id
from infra.dev_servers.stripe.forms import Json
from infra.dev_servers.stripe.parameters import flag, metadata, one_of, text
from infra.dev_servers.stripe.payment_methods import card_of, declined
from infra.dev_servers.stripe.refusals import Refused, invalid

CONFIRM = ("payment_method", "confirmation_token", "return_url", "use_stripe_sdk", "expand")
CREATE = (
    *CONFIRM, "confirm", "customer", "usage", "payment_method_types", "automatic_payment_methods", "metadata",
    "description",
)  # fmt: skip


def create(account: Account, form: Json) -> Json:
    usage, customer = one_of(form, "usage", ("on_session", "off_session")), text(form, "customer")
    if customer:
        account.find("customer", customer, "customer", 400)
    intent = account.add(
        "setup_intent",
        application=None,
        cancellation_reason=None,
        client_secret=None,
        customer=customer,
        description=text(form, "description"),
        last_setup_error=None,
        latest_attempt=None,
        mandate=None,
        metadata=metadata(form),
        next_action=None,
        payment_method=None,
        payment_method_options=None,
        payment_method_types=["card"],
        status="requires_payment_method",
        usage=usage or "off_session",
    )
    intent["client_secret"] = f"{intent['id']}_secret_{new_id('').strip('_')}"
    account.tell("setup_intent.created", intent)
    return confirm(account, form, intent["id"]) if flag(form, "confirm") else intent


def retrieve(account: Account, form: Json, id: str) -> Json:  # noqa: ARG001 - as all routes
    return account.find("setup_intent", id, "intent")


def confirm(account: Account, form: Json, id: str) -> Json:
    intent = account.find("setup_intent", id, "intent")
    back = text(form, "return_url")
    if token := text(form, "confirmation_token"):
        method, back = confirmation_tokens.used(account, token, intent, back)
    elif given := text(form, "payment_method"):
        method = payment_methods.usable(account, given, "payment_method")
    else:
        raise invalid("You cannot confirm this SetupIntent because it's missing a payment method.", "payment_method")
    card = card_of(method)
    intent["payment_method"] = method["id"]
    if card.authentication != "never":
        intent["status"] = "requires_action"
        intent["next_action"] = {
            "redirect_to_url": {"return_url": back, "url": account.page(intent["id"])},
            "type": "redirect_to_url",
        }
        account.tell("setup_intent.requires_action", intent)
    elif not card.attaches:
        intent.update(last_setup_error=declined(card).body()["error"], payment_method=None)
        account.tell("setup_intent.setup_failed", intent)
        raise declined(card, setup_intent=dict(intent))
    else:
        _succeed(account, intent)
    return intent


def cancel(account: Account, form: Json, id: str) -> Json:
    intent = account.find("setup_intent", id, "intent")
    if intent["status"] in ("succeeded", "canceled"):
        message = f"You cannot cancel this SetupIntent because it has a status of {intent['status']}."
        raise Refused(status=400, code="setup_intent_unexpected_state", message=message)
    intent.update(status="canceled", cancellation_reason=text(form, "cancellation_reason"))
    account.tell("setup_intent.canceled", intent)
    return intent


def authenticated(account: Account, intent: Json, *, proven: bool) -> None:
    """What the shopper's check came to; the first answer counts."""
    if intent["status"] != "requires_action":
        return
    intent["next_action"] = None
    if proven:
        _succeed(account, intent)
        return
    error = {"code": "setup_intent_authentication_failure", "message": "Not authenticated.", "type": "card_error"}
    intent.update(status="requires_payment_method", last_setup_error=error, payment_method=None)
    account.tell("setup_intent.setup_failed", intent)


def _succeed(account: Account, intent: Json) -> None:
    intent["status"] = "succeeded"
    if intent["customer"]:
        payment_methods.save(account, account.objects["payment_method"][intent["payment_method"]], intent["customer"])
    account.tell("setup_intent.succeeded", intent)
