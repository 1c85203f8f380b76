"""Stripe's cards for tests: what each does (Stripe, "Test card numbers")."""

from dataclasses import dataclass
from typing import Literal

Authentication = Literal["never", "always", "unless_set_up"]
DisputeKind = Literal["", "fraudulent", "product_not_received", "inquiry"]


@dataclass(frozen=True, slots=True)
class Card:
    """A card: `declined` and `code` say why it refuses, `authentication` when 3-D Secure is asked for."""

    last4: str
    brand: str = "visa"
    code: str | None = None
    declined: str | None = None
    authentication: Authentication = "never"
    dispute: DisputeKind = ""
    refunds: Literal["at_once", "later", "fail_later"] = "at_once"
    attaches: bool = True


def _declines(last4: str, reason: str, code: str = "card_declined") -> Card:
    return Card(last4, code=code, declined=reason, attaches=False)


CARDS = {
    "pm_card_visa": Card("4242"),
    "pm_card_visa_debit": Card("5556"),
    "pm_card_mastercard": Card("4444", "mastercard"),
    "pm_card_amex": Card("8431", "amex"),
    "pm_card_bypassPending": Card("0077"),
    "pm_card_chargeDeclined": _declines("0002", "generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": _declines("9995", "insufficient_funds"),
    "pm_card_chargeDeclinedLostCard": _declines("9987", "lost_card"),
    "pm_card_chargeDeclinedStolenCard": _declines("9979", "stolen_card"),
    "pm_card_chargeDeclinedExpiredCard": _declines("0069", "expired_card", "expired_card"),
    "pm_card_chargeDeclinedIncorrectCvc": _declines("0127", "incorrect_cvc", "incorrect_cvc"),
    "pm_card_chargeDeclinedProcessingError": _declines("0119", "processing_error", "processing_error"),
    "pm_card_chargeCustomerFail": Card("0341", code="card_declined", declined="generic_decline"),
    "pm_card_threeDSecure2Required": Card("3220", authentication="always"),
    "pm_card_threeDSecureRequired": Card("3063", authentication="always"),
    "pm_card_threeDSecureRequiredChargeDeclined": Card(
        "1629", code="card_declined", declined="generic_decline", authentication="always"
    ),
    "pm_card_authenticationRequired": Card("3184", authentication="always"),
    "pm_card_authenticationRequiredOnSetup": Card("3155", authentication="unless_set_up"),
    "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds": Card(
        "8260", code="card_declined", declined="insufficient_funds", authentication="always"
    ),
    "pm_card_createDispute": Card("0259", dispute="fraudulent"),
    "pm_card_createDisputeProductNotReceived": Card("2685", dispute="product_not_received"),
    "pm_card_createDisputeInquiry": Card("1976", dispute="inquiry"),
    "pm_card_pendingRefund": Card("7726", refunds="later"),
    "pm_card_refundFail": Card("5126", refunds="fail_later"),
}
BY_LAST4 = {card.last4: card for card in CARDS.values()}
"""The number of a stored payment method tells what its card does."""

MESSAGES = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
}
DECLINED = "Your card was declined."
