"""What people do at Stripe, past the shop."""

from infra.dev_servers.stripe import disputes, intents, refunds
from infra.dev_servers.stripe.account import Account
from infra.dev_servers.stripe.cards import DisputeKind
from infra.dev_servers.stripe.forms import Json


class Dashboard:
    """The account's own people, the cardholder's bank, and Stripe's own jobs. All raise Refused."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def capture(self, intent: str, amount: int | None = None) -> Json:
        return intents.capture(self._ready(), {} if amount is None else {"amount_to_capture": str(amount)}, intent)

    def cancel(self, intent: str) -> Json:
        return intents.cancel(self._ready(), {"cancellation_reason": "requested_by_customer"}, intent)

    def refund(self, intent: str, amount: int | None = None) -> Json:
        form = {"payment_intent": intent} | ({} if amount is None else {"amount": str(amount)})
        return refunds.create(self._ready(), form)

    def refund_pending(self, intent: str, amount: int) -> Json:
        """A refund that the bank has not confirmed yet."""
        refund = self.refund(intent, amount)
        refund["status"] = "pending"
        return refund

    def complete_refund(self, refund: str) -> None:
        refunds.succeed(self._ready(), self._account.find("refund", refund))

    def fail_refund(self, refund: str, reason: str = "expired_or_canceled_card") -> None:
        refunds.fail(self._ready(), self._account.find("refund", refund), reason)

    def dispute(self, intent: str, kind: DisputeKind = "fraudulent", amount: int | None = None) -> Json:
        """A cardholder's complaint about a captured payment."""
        charge = self._account.find("charge", self._account.find("payment_intent", intent)["latest_charge"])
        return disputes.open_dispute(self._ready(), charge, kind, amount)

    def escalate(self, dispute: str) -> None:
        """An inquiry becomes a dispute."""
        disputes.escalate(self._ready(), self._account.find("dispute", dispute))

    def answer_dispute(self, dispute: str) -> None:
        """Evidence goes to the bank."""
        disputes.submit(self._ready(), self._account.find("dispute", dispute))

    def end_dispute(self, dispute: str, *, won: bool) -> None:
        disputes.end(self._ready(), self._account.find("dispute", dispute), won=won)

    def expire_hold_early(self, intent: str) -> None:
        """An issuer gives a hold up before its time."""
        account = self._ready()
        intents.end(account, account.find("payment_intent", intent), "automatic", expired=True)

    def money(self, intent: str) -> tuple[int, int, int]:
        """What is held, taken and given back of an intent."""
        account = self._ready()
        found = account.find("payment_intent", intent)
        returned = sum(
            each["amount"]
            for each in account.all("refund")
            if each["payment_intent"] == intent and each["status"] in ("succeeded", "pending")
        )
        return found["amount_capturable"], found["amount_received"], returned

    def _ready(self) -> Account:
        self._account.catch_up()
        return self._account
