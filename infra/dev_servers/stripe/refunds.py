"""Refunds: money on its way back, which may still fail after it succeeded."""

from datetime import timedelta

from infra.dev_servers.stripe import balance
from infra.dev_servers.stripe.account import Account
from infra.dev_servers.stripe.forms import Json
from infra.dev_servers.stripe.lists import created, matching
from infra.dev_servers.stripe.parameters import integer, metadata, one_of, text
from infra.dev_servers.stripe.payment_methods import card_of
from infra.dev_servers.stripe.refusals import Refused, invalid

REASONS = ("duplicate", "fraudulent", "requested_by_customer")
CREATE = ("payment_intent", "charge", "amount", "metadata", "reason", "expand")
LATER = timedelta(seconds=5)
UNREFUNDABLE = ("needs_response", "under_review", "lost")


def create(account: Account, form: Json) -> Json:
    """Give back all that is left, or a part. Raises Refused."""
    amount, reason, about = integer(form, "amount"), one_of(form, "reason", REASONS), metadata(form)
    charge = _charge(account, form)
    if charge["amount_refunded"] >= charge["amount"]:
        message = f"Charge {charge['id']} has already been refunded."
        raise Refused(status=400, code="charge_already_refunded", message=message)
    disputes = [each for each in account.all("dispute") if each["charge"] == charge["id"]]
    if any(each["status"] in UNREFUNDABLE for each in disputes):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise Refused(status=400, code="charge_disputed", message=message)
    left = charge["amount"] - charge["amount_refunded"]
    if (amount or left) > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise Refused(status=400, message=message, param="amount")
    return give_back(account, charge, amount or left, reason, about)


def retrieve(account: Account, form: Json, id: str) -> Json:  # noqa: ARG001 - as all routes
    return account.find("refund", id, "refund")


def listed(account: Account, form: Json) -> list[Json]:
    return list(matching(created(account.all("refund"), form), form, ("payment_intent", "charge")))


def give_back(account: Account, charge: Json, amount: int, reason: str | None, about: dict[str, str]) -> Json:
    """What the card says of refunds happens: at once, later, or it fails after it succeeded."""
    behaviour = card_of(account.objects["payment_method"][charge["payment_method"]]).refunds
    refund = account.add(
        "refund",
        amount=amount,
        balance_transaction=None,
        charge=charge["id"],
        currency=charge["currency"],
        destination_details={"card": {"type": "refund"}, "type": "card"},
        metadata=about,
        payment_intent=charge["payment_intent"],
        payment_method=charge["payment_method"],
        reason=reason,
        receipt_number=None,
        source_transfer_reversal=None,
        status="pending" if behaviour == "later" else "succeeded",
        transfer_reversal=None,
    )
    refund["balance_transaction"] = balance.move(account, "refund", refund, -amount)["id"]
    _count(charge, amount)
    account.tell("refund.created", refund)
    account.tell("charge.refunded", charge)
    if behaviour == "later":
        account.later(LATER, lambda: succeed(account, refund))
    elif behaviour == "fail_later":
        account.later(LATER, lambda: fail(account, refund))
    return refund


def succeed(account: Account, refund: Json) -> None:
    if refund["status"] == "pending":
        refund["status"] = "succeeded"
        account.tell("refund.updated", refund)


def fail(account: Account, refund: Json, reason: str = "expired_or_canceled_card") -> None:
    """The money comes back to the shop, even after the refund succeeded."""
    if refund["status"] not in ("pending", "succeeded"):
        return
    returned = balance.move(account, "refund_failure", refund, refund["amount"])
    refund.update(status="failed", failure_reason=reason, failure_balance_transaction=returned["id"])
    _count(account.objects["charge"][refund["charge"]], -refund["amount"])
    account.tell("refund.updated", refund)
    account.tell("refund.failed", refund)


def _count(charge: Json, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] >= charge["amount"]


def _charge(account: Account, form: Json) -> Json:
    intent, charge = text(form, "payment_intent"), text(form, "charge")
    if charge:
        return account.find("charge", charge, "charge", 404)
    if intent is None:
        raise invalid("One of the following params should be provided for this request: payment_intent or charge.", "")
    found = account.find("payment_intent", intent, "payment_intent", 404)
    latest = account.objects["charge"].get(found["latest_charge"] or "")
    if latest is None or not latest["captured"]:
        raise Refused(status=400, message=f"This PaymentIntent ({intent}) does not have a successful charge to refund.")
    return latest
