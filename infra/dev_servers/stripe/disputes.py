"""Disputes: money that a cardholder's bank takes back, and gives again to those who win."""

from datetime import timedelta

from infra.dev_servers.stripe import balance
from infra.dev_servers.stripe.account import Account
from infra.dev_servers.stripe.cards import DisputeKind
from infra.dev_servers.stripe.forms import Json
from infra.dev_servers.stripe.lists import created, matching
from infra.dev_servers.stripe.refusals import Refused

ANSWER_WITHIN = timedelta(days=7)
REASONS = {"inquiry": "fraudulent"}
WINS, LOSES = "winning_evidence", "losing_evidence"
"""What `evidence[uncategorized_text]` says to end a dispute at once (Stripe, "Testing disputes")."""

EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
    "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
    "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation",
    "duplicate_charge_id", "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier",
    "shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file",
    "uncategorized_text",
)  # fmt: skip


def retrieve(account: Account, form: Json, id: str) -> Json:  # noqa: ARG001 - as all routes
    return account.find("dispute", id, "dispute")


def listed(account: Account, form: Json) -> list[Json]:
    return list(matching(created(account.all("dispute"), form), form, ("charge", "payment_intent")))


def update(account: Account, form: Json, id: str) -> Json:
    """Give evidence; with `submit` it goes to the bank."""
    dispute = account.find("dispute", id, "dispute")
    if not dispute["status"].endswith("needs_response"):
        raise Refused(status=400, message="This dispute is already closed or under review.")
    given = form.get("evidence") or {}
    dispute["evidence"].update(given)
    dispute["evidence_details"]["has_evidence"] = bool(given)
    if form.get("submit", "true") == "true" and given:
        submit(account, dispute)
    return dispute


def close(account: Account, form: Json, id: str) -> Json:  # noqa: ARG001 - as all routes
    """Accept that it is lost."""
    dispute = account.find("dispute", id, "dispute")
    end(account, dispute, won=False)
    return dispute


def open_dispute(account: Account, charge: Json, kind: DisputeKind, amount: int | None = None) -> Json:
    """A dispute takes the money and a fee at once; an inquiry takes nothing yet."""
    inquiry = kind == "inquiry"
    dispute = account.add(
        "dispute",
        amount=amount or charge["amount_captured"],
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence={**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        evidence_details={
            "due_by": int((account.now() + ANSWER_WITHIN).timestamp()),
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        is_charge_refundable=inquiry,
        metadata={},
        payment_intent=charge["payment_intent"],
        reason=REASONS.get(kind, kind),
        status="warning_needs_response" if inquiry else "needs_response",
    )
    charge["disputed"] = True
    account.tell("charge.dispute.created", dispute)
    if not inquiry:
        withdraw(account, dispute)
    return dispute


def withdraw(account: Account, dispute: Json) -> None:
    _move(account, dispute, -dispute["amount"], balance.DISPUTE_FEE, "dispute")
    account.tell("charge.dispute.funds_withdrawn", dispute)


def escalate(account: Account, dispute: Json) -> None:
    """An inquiry becomes a dispute."""
    dispute.update(status="needs_response", is_charge_refundable=False)
    account.tell("charge.dispute.updated", dispute)
    withdraw(account, dispute)


def submit(account: Account, dispute: Json) -> None:
    prefix = "warning_" if dispute["status"].startswith("warning") else ""
    dispute["status"] = f"{prefix}under_review"
    dispute["evidence_details"]["submission_count"] += 1
    account.tell("charge.dispute.updated", dispute)
    if (told := dispute["evidence"]["uncategorized_text"]) in (WINS, LOSES):
        end(account, dispute, won=told == WINS)


def end(account: Account, dispute: Json, *, won: bool) -> None:
    """The bank's word: who wins gets the money again, but not the fee."""
    if dispute["status"].startswith("warning"):
        dispute["status"] = "warning_closed"
    else:
        dispute["status"] = "won" if won else "lost"
    dispute["is_charge_refundable"] = dispute["status"] != "lost"
    account.tell("charge.dispute.closed", dispute)
    if dispute["status"] == "won":
        _move(account, dispute, dispute["amount"], 0, "dispute_reversal")
        account.tell("charge.dispute.funds_reinstated", dispute)


def _move(account: Account, dispute: Json, amount: int, fee: int, category: str) -> None:
    moved = balance.move(account, "adjustment", dispute, amount, fee=fee, category=category, reason=category)
    dispute["balance_transactions"].append(dict(moved))
