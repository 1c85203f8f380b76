"""Payment intents: created, confirmed, captured, cancelled."""

from infra.dev_servers.stripe import charges, confirmation_tokens, payment_methods
from infra.dev_servers.stripe.account import Account, new_id
from infra.dev_servers.stripe.amounts import checked_amount
from infra.dev_servers.stripe.forms import Json
from infra.dev_servers.stripe.lists import created, matching
from infra.dev_servers.stripe.parameters import flag, integer, metadata, one_of, required, text
from infra.dev_servers.stripe.payment_methods import card_of, declined
from infra.dev_servers.stripe.refusals import Refused, invalid, unexpected

CONFIRM = (
    "payment_method", "payment_method_data", "confirmation_token", "return_url", "setup_future_usage", "off_session",
    "payment_method_options", "use_stripe_sdk", "expand",
)  # fmt: skip
CREATE = (
    *CONFIRM, "amount", "currency", "confirm", "capture_method", "confirmation_method", "payment_method_types",
    "automatic_payment_methods", "metadata", "customer", "description", "receipt_email", "statement_descriptor",
    "statement_descriptor_suffix", "shipping",
)  # fmt: skip
CAPTURE = ("amount_to_capture", "final_capture", "metadata", "expand")
CANCEL = ("cancellation_reason", "expand")
CANCELLATIONS = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")
CANCELLABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing")
USAGES = ("on_session", "off_session")


def create(account: Account, form: Json) -> Json:
    """Make an intent; `confirm` also tries it. Raises Refused."""
    amount, currency = checked_amount(form)
    capture = one_of(form, "capture_method", ("automatic", "automatic_async", "manual"))
    usage, confirm = one_of(form, "setup_future_usage", USAGES), flag(form, "confirm")
    customer = text(form, "customer")
    if customer:
        account.find("customer", customer, "customer", 400)
    types = form.get("payment_method_types") or ["card"]
    if "card" not in types:
        raise invalid("This server knows cards only.", "payment_method_types")
    if confirm:
        _can_be_tried(form)
    intent = account.add(
        "payment_intent",
        amount=amount,
        amount_capturable=0,
        amount_received=0,
        automatic_payment_methods=None,
        canceled_at=None,
        cancellation_reason=None,
        capture_method=capture or "automatic_async",
        client_secret=None,
        confirmation_method="automatic",
        currency=currency,
        customer=customer,
        description=text(form, "description"),
        last_payment_error=None,
        latest_charge=None,
        metadata=metadata(form),
        next_action=None,
        payment_method=None,
        payment_method_options={},
        payment_method_types=list(types),
        processing=None,
        receipt_email=text(form, "receipt_email"),
        setup_future_usage=usage,
        shipping=None,
        status="requires_payment_method",
    )
    intent["client_secret"] = f"{intent['id']}_secret_{new_id('').strip('_')}"
    account.tell("payment_intent.created", intent)
    if confirm:
        _try(account, intent, form)
    return intent


def confirm(account: Account, form: Json, id: str) -> Json:
    """Try an intent that was made without, or that failed."""
    intent = account.find("payment_intent", id, "intent")
    if intent["status"] not in ("requires_payment_method", "requires_confirmation", "requires_action"):
        raise unexpected(intent, "confirmed", ("requires_payment_method", "requires_confirmation", "requires_action"))
    _can_be_tried(form)
    if usage := one_of(form, "setup_future_usage", USAGES):
        intent["setup_future_usage"] = usage
    _try(account, intent, form)
    return intent


def retrieve(account: Account, form: Json, id: str) -> Json:  # noqa: ARG001 - as all routes
    return account.find("payment_intent", id, "intent")


def listed(account: Account, form: Json) -> list[Json]:
    return list(matching(created(account.all("payment_intent"), form), form, ("customer",)))


def capture(account: Account, form: Json, id: str) -> Json:
    """Take what is held, or a part; the rest is released."""
    intent = account.find("payment_intent", id, "intent")
    amount = integer(form, "amount_to_capture")
    if intent["status"] != "requires_capture":
        raise unexpected(intent, "captured", ("requires_capture",))
    if (amount or 0) > intent["amount_capturable"]:
        raise Refused(
            status=400,
            code="amount_too_large",
            param="amount_to_capture",
            message=(
                f"The amount_to_capture ({amount}) must be less than or equal to the amount_capturable"
                f" ({intent['amount_capturable']}) on the PaymentIntent."
            ),
        )
    taken = amount or intent["amount_capturable"]
    intent["metadata"].update(metadata(form))
    intent.update(status="succeeded", amount_received=taken, amount_capturable=0)
    charge = account.objects["charge"][intent["latest_charge"]]
    charges.capture(account, charge, taken)
    account.tell("payment_intent.succeeded", intent)
    charges.dispute_if_asked(account, charge)
    return intent


def cancel(account: Account, form: Json, id: str) -> Json:
    reason = one_of(form, "cancellation_reason", CANCELLATIONS)
    intent = account.find("payment_intent", id, "intent")
    if intent["status"] not in CANCELLABLE:
        raise unexpected(intent, "canceled", CANCELLABLE)
    end(account, intent, reason, expired=False)
    return intent


def end(account: Account, intent: Json, reason: str | None, *, expired: bool) -> None:
    """Cancel it, and give back what is held."""
    held = intent["status"] == "requires_capture"
    intent.update(
        status="canceled",
        canceled_at=account.seconds(),
        cancellation_reason=reason,
        amount_capturable=0,
        next_action=None,
    )
    if held:
        charges.release(account, account.objects["charge"][intent["latest_charge"]], expired=expired)
    account.tell("payment_intent.canceled", intent)


def authenticated(account: Account, intent: Json, *, proven: bool) -> None:
    """What the shopper's 3-D Secure check came to; the first answer counts."""
    if intent["status"] != "requires_action":
        return
    intent["next_action"] = None
    method = account.objects["payment_method"][intent["payment_method"]]
    if not proven:
        message = "We are unable to authenticate your payment method. Please choose a different payment method."
        code = "payment_intent_authentication_failure"
        refusal = Refused(status=402, message=message, code=code)
        _failed(account, intent, refusal, method)
        return
    card = card_of(method)
    if card.code:
        charges.failed(account, intent, method, card)
        _failed(account, intent, declined(card), method)
    else:
        _hold(account, intent, method)


def _can_be_tried(form: Json) -> None:
    given = [name for name in ("payment_method", "payment_method_data", "confirmation_token") if form.get(name)]
    if len(given) > 1:
        raise invalid(f"You can only pass one of the following params: {', '.join(given)}.", given[1])
    if not given:
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            "payment_method",
            "payment_intent_unexpected_state",
        )


def _try(account: Account, intent: Json, form: Json) -> None:
    """Raises Refused when the card is declined; the intent is there all the same."""
    back = text(form, "return_url")
    if token := text(form, "confirmation_token"):
        method, back = confirmation_tokens.used(account, token, intent, back)
    elif "payment_method_data" in form:
        method = payment_methods.from_data(account, form)
    else:
        method = payment_methods.usable(account, required(form, "payment_method"), "payment_method")
    if method["customer"] != intent["customer"] and method["customer"] is not None:
        message = "The provided PaymentMethod belongs to a customer. Please include its customer on the PaymentIntent."
        raise Refused(status=400, message=message, param="payment_method")
    card = card_of(method)
    intent.update(payment_method=method["id"], last_payment_error=None, next_action=None)
    asks = card.authentication == "always" or (card.authentication == "unless_set_up" and not method["customer"])
    if asks:
        address = account.page(intent["id"])
        intent["status"] = "requires_action"
        intent["next_action"] = (
            {"redirect_to_url": {"return_url": back, "url": address}, "type": "redirect_to_url"}
            if back
            else {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": address}}
        )
        account.tell("payment_intent.requires_action", intent)
    elif card.code:
        charge = charges.failed(account, intent, method, card)
        refusal = declined(card, charge=charge["id"])
        _failed(account, intent, refusal, method)
        refusal.more |= {"payment_intent": dict(intent), "payment_method": dict(method)}
        raise refusal
    else:
        _hold(account, intent, method)


def _hold(account: Account, intent: Json, method: Json) -> None:
    charge = charges.held(account, intent, method)
    intent.update(status="requires_capture", amount_capturable=intent["amount"])
    if intent["customer"] and intent["setup_future_usage"]:
        payment_methods.save(account, method, intent["customer"])
    if intent["capture_method"] == "manual":
        account.tell("payment_intent.amount_capturable_updated", intent)
        account.later(charges.HOLD, lambda: _expire(account, intent, charge))
    else:
        capture(account, {}, intent["id"])


def _expire(account: Account, intent: Json, charge: Json) -> None:
    if intent["status"] == "requires_capture" and intent["latest_charge"] == charge["id"]:
        end(account, intent, "automatic", expired=True)


def _failed(account: Account, intent: Json, refusal: Refused, method: Json) -> None:
    error = {**refusal.body()["error"], "payment_method": dict(method)}
    if intent["latest_charge"]:
        error["charge"] = intent["latest_charge"]
    if error.get("code") == "payment_intent_authentication_failure":
        error["type"] = "card_error"
        error.pop("charge", None)
    intent.update(status="requires_payment_method", last_payment_error=error, payment_method=None)
    account.tell("payment_intent.payment_failed", intent)
