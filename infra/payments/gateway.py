"""A payment gateway that behaves like Stripe's, and misbehaves when the payment method says so.

    pm_card_ok                      holds the money
    pm_card_declined                says no
    pm_card_insufficient_funds      says no, for that reason
    pm_card_3ds                     wants the shopper to confirm first (3-D Secure)
    pm_card_timeout                 holds the money, but the first answers are lost
    pm_card_late                    holds the money and says so seconds later, by webhook
    pm_card_duplicate_webhooks      repeats each answer by webhook, twice
    pm_card_out_of_order_webhooks   reports the hold before it reports that the shopper has to confirm
    pm_card_wrong_amount            holds a cent less than it was asked to
    pm_card_capture_fails           holds the money and never lets it be taken
    pm_card_hold_expires            holds the money and lets it go seconds later, as if a week had passed
    pm_card_captured_outside        holds the money; seconds later a quarter of it is taken by hand
    pm_card_refunded_outside        is refunded a quarter by hand, seconds after it was taken
    pm_card_refund_fails_later      lets refunds succeed, and fail seconds later
    pm_card_disputed                is disputed seconds after the money was taken: 15.00 fee, and all of it goes back
    pm_card_dispute_won, _lost      the same, and seconds later the shop has won, or lost
    pm_card_inquiry                 is asked about by the bank, which moves no money yet

Any other method fails. Holds last seven days and allow one capture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from domain.payment.commands import (
    RecordActionRequired,
    RecordAuthorisation,
    RecordCapture,
    RecordCaptureFailure,
    RecordFailure,
    RecordHoldExpired,
    RecordRefund,
    RecordRefundFailure,
    RecordVoid,
)
from domain.payment.events import CaptureRequested, PaymentRequested, RefundRequested, VoidRequested
from domain.shared.derived import derived_id
from domain.shared.errors import NotFound
from domain.shared.ids import PaymentId
from domain.shared.money import Money
from infra.payments.aftermath import (
    CAPTURED_OUTSIDE,
    HOLD_EXPIRES,
    METHODS,
    REFUND_FAILS_LATER,
    after_capture,
    after_hold,
    after_refund,
    quarter,
)
from infra.payments.book import Book, Turn, Webhook
from infra.payments.events import Answer
from infra.payments.intents import (
    HOLD,
    Account,
    Intent,
    Standing,
    Status,
    cancel,
    capture,
    confirm,
    refund,
    standing,
)
from infra.payments.webhooks import refund_ref, write_webhook
from process_managers.engine.ports import Clock, GatewayUnavailable

NAMESPACE = UUID("9d0f3a5c-3b67-5d52-9c6b-51f0f63f7a44")
SILENT_FOR = 2
LATE_BY = timedelta(seconds=5)
SOON = timedelta(seconds=1)

REFUSALS = {"pm_card_declined": "card_declined", "pm_card_insufficient_funds": "insufficient_funds"}
HOLDS = {
    "pm_card_ok",
    "pm_card_timeout",
    "pm_card_late",
    "pm_card_duplicate_webhooks",
    "pm_card_out_of_order_webhooks",
    "pm_card_wrong_amount",
    "pm_card_capture_fails",
    *METHODS,
}
BY_WEBHOOK = {"pm_card_late", "pm_card_out_of_order_webhooks"}


class IntentNotFound(NotFound):
    """The gateway knows nothing of this payment."""


@dataclass(slots=True)
class TestGateway:
    """Implements process_managers.engine.ports.Gateway. `page` is the address where shoppers confirm, up to the ref."""

    __test__ = False

    book: Book
    clock: Clock
    page: str
    late_by: timedelta = LATE_BY
    _silent: dict[str, int] = field(default_factory=dict)

    async def authorise(
        self, asked: PaymentRequested, key: str
    ) -> RecordAuthorisation | RecordActionRequired | RecordFailure | None:
        answer = await self.book.turn(asked.payment_id, key, partial(self._authorise, asked, key))
        if asked.method == "pm_card_timeout":
            self._stay_silent(key)
        assert answer is None or isinstance(answer, RecordAuthorisation | RecordActionRequired | RecordFailure)
        return answer

    async def capture(
        self, asked: CaptureRequested, key: str
    ) -> RecordCapture | RecordHoldExpired | RecordCaptureFailure:
        answer = await self.book.turn(asked.payment_id, key, partial(self._capture, asked, key))
        assert isinstance(answer, RecordCapture | RecordHoldExpired | RecordCaptureFailure)
        return answer

    async def void(self, asked: VoidRequested, key: str) -> RecordVoid | RecordCapture:
        answer = await self.book.turn(asked.payment_id, key, partial(self._void, asked))
        assert isinstance(answer, RecordVoid | RecordCapture)
        return answer

    async def refund(self, asked: RefundRequested, key: str) -> RecordRefund | RecordRefundFailure:
        answer = await self.book.turn(asked.payment_id, key, partial(self._refund, asked, key))
        assert isinstance(answer, RecordRefund | RecordRefundFailure)
        return answer

    async def intent(self, ref: str) -> Intent:
        """One attempt at a payment. Raises IntentNotFound."""
        payment_id = PaymentId(ref.removeprefix("pi_").rpartition("_")[0])
        (*_, account) = [Account(payment_id=payment_id), *await self.book.accounts([payment_id])]
        if (found := account.intent(ref)) is None:
            raise IntentNotFound(f"There is no payment {ref}.")
        return found

    async def confirm(self, ref: str, *, approve: bool) -> Answer:
        """What the shopper answers on the gateway's page; the shop is notified by webhook. Raises IntentNotFound."""
        payment_id = (await self.intent(ref)).payment_id
        answer = await self.book.turn(payment_id, f"confirm:{ref}", partial(self._confirm, ref, approve))
        assert answer is not None
        return answer

    async def ledger(self, payment_ids: Sequence[PaymentId] | None = None) -> Mapping[PaymentId, Standing]:
        """What is held, taken and given back, payment by payment, to compare the shop's books with."""
        now = self.clock()
        return {account.payment_id: standing(account.intents, now) for account in await self.book.accounts(payment_ids)}

    def _authorise(self, asked: PaymentRequested, key: str, account: Account) -> Turn:
        now, method = self.clock(), asked.method
        intent = Intent(
            ref=f"pi_{asked.payment_id}_{derived_id(NAMESPACE, key).hex[:16]}",
            payment_id=asked.payment_id,
            order_id=asked.order_id,
            attempt=asked.attempt,
            method=method,
            amount=asked.amount,
            status=Status.FAILED,
            # Whole seconds, because webhooks carry no fractions.
            capture_before=(now + HOLD).replace(microsecond=0),
        )
        if method == "pm_card_wrong_amount":
            intent = replace(intent, amount=asked.amount - Money(1, asked.amount.currency))
        if method in HOLDS:
            intent = replace(intent, status=Status.REQUIRES_CAPTURE)
        elif method == "pm_card_3ds":
            intent = replace(intent, status=Status.REQUIRES_ACTION)
        else:
            intent = replace(intent, failure=REFUSALS.get(method, "unknown_payment_method"))
        answer = self._told(intent)
        telling = list[tuple[Answer, datetime]](after_hold(intent, now, self.late_by))
        if method == HOLD_EXPIRES:
            intent = replace(intent, lost_at=now + self.late_by)
        elif method == CAPTURED_OUTSIDE:
            intent = replace(intent, status=Status.SUCCEEDED, captured=quarter(intent.amount).amount)
        if method == "pm_card_late":
            telling = [(answer, now + self.late_by)]
        elif method == "pm_card_out_of_order_webhooks":
            telling = [
                (answer, now + SOON),
                (self._told(replace(intent, status=Status.REQUIRES_ACTION)), now + 2 * SOON),
            ]
        elif method == "pm_card_duplicate_webhooks":
            telling = [(answer, now), (answer, now + SOON)]
        return Turn(
            account=account.with_intent(intent),
            answer=None if method in BY_WEBHOOK else answer,
            webhooks=self._webhooks(key, intent.ref, telling),
        )

    def _capture(self, asked: CaptureRequested, key: str, account: Account) -> Turn:
        now, intent = self.clock(), _known(account, asked.gateway_ref)
        if intent.is_over(now):
            expired = RecordHoldExpired(payment_id=asked.payment_id, gateway_ref=intent.ref)
            return Turn(account=account.with_intent(cancel(intent)), answer=expired)
        if intent.method == CAPTURED_OUTSIDE:
            return Turn(account=account, answer=_taken(intent))
        match capture(intent, asked.amount.amount):
            case str(reason):
                return Turn(account=account, answer=RecordCaptureFailure(payment_id=asked.payment_id, reason=reason))
            case taken:
                answer = RecordCapture(payment_id=asked.payment_id, amount=asked.amount, gateway_ref=intent.ref)
                telling = list[tuple[Answer, datetime]](after_capture(intent, asked.amount, now, self.late_by))
                if intent.method == "pm_card_duplicate_webhooks":
                    telling = [(answer, now), (answer, now + SOON)]
                elif intent.method == "pm_card_out_of_order_webhooks":
                    telling = [(answer, now), (self._told(intent), now + SOON)]
                return Turn(
                    account=account.with_intent(taken),
                    answer=answer,
                    webhooks=self._webhooks(key, intent.ref, telling),
                )

    def _void(self, asked: VoidRequested, account: Account) -> Turn:
        if asked.gateway_ref is None:
            voided = replace(account, intents=tuple(map(cancel, account.intents)))
        else:
            intent = _known(account, asked.gateway_ref)
            if intent.status is Status.SUCCEEDED:
                return Turn(account=account, answer=_taken(intent))
            voided = account.with_intent(cancel(intent))
        return Turn(account=voided, answer=RecordVoid(payment_id=asked.payment_id, gateway_ref=asked.gateway_ref))

    def _refund(self, asked: RefundRequested, key: str, account: Account) -> Turn:
        intent = _known(account, asked.gateway_ref)
        match refund(intent, asked.refund_id, asked.amount.amount):
            case str(reason):
                failure = RecordRefundFailure(payment_id=asked.payment_id, refund_id=asked.refund_id, reason=reason)
                return Turn(account=account, answer=failure)
            case refunded:
                answer = RecordRefund(
                    payment_id=asked.payment_id, refund_id=asked.refund_id, refund_ref=refund_ref(asked)
                )
                after = account if intent.method == REFUND_FAILS_LATER else account.with_intent(refunded)
                telling = after_refund(asked, intent, self.clock(), self.late_by)
                return Turn(account=after, answer=answer, webhooks=self._webhooks(key, intent.ref, telling))

    def _confirm(self, ref: str, approve: bool, account: Account) -> Turn:
        confirmed = confirm(_known(account, ref), approve=approve)
        answer = self._told(confirmed)
        webhooks = self._webhooks(f"confirm:{ref}", ref, [(answer, self.clock())])
        return Turn(account=account.with_intent(confirmed), answer=answer, webhooks=webhooks)

    def _told(self, intent: Intent) -> RecordAuthorisation | RecordActionRequired | RecordFailure:
        match intent.status:
            case Status.REQUIRES_CAPTURE | Status.SUCCEEDED:
                return RecordAuthorisation(
                    payment_id=intent.payment_id,
                    attempt=intent.attempt,
                    gateway_ref=intent.ref,
                    amount=intent.amount,
                    capture_before=intent.capture_before,
                )
            case Status.REQUIRES_ACTION:
                return RecordActionRequired(
                    payment_id=intent.payment_id,
                    attempt=intent.attempt,
                    gateway_ref=intent.ref,
                    action_url=f"{self.page}{intent.ref}",
                )
            case Status.FAILED | Status.CANCELED:
                reason = intent.failure or "canceled"
                return RecordFailure(payment_id=intent.payment_id, attempt=intent.attempt, reason=reason)

    def _webhooks(self, key: str, ref: str, telling: Sequence[tuple[Answer, datetime]]) -> Sequence[Webhook]:
        webhooks = list[Webhook]()
        for number, (answer, due) in enumerate(telling):
            event_id = f"evt_{derived_id(NAMESPACE, f'{key}:{number}').hex}"
            webhooks.append(Webhook(id=event_id, body=write_webhook(event_id, ref, answer, due), due=due))
        return webhooks

    def _stay_silent(self, key: str) -> None:
        times = self._silent.get(key, 0)
        if times < SILENT_FOR:
            self._silent[key] = times + 1
            raise GatewayUnavailable("The answer was lost on the way.")


def _taken(intent: Intent) -> RecordCapture:
    amount = Money(intent.captured, intent.amount.currency)
    return RecordCapture(payment_id=intent.payment_id, amount=amount, gateway_ref=intent.ref)


def _known(account: Account, ref: str) -> Intent:
    if (intent := account.intent(ref)) is None:
        raise GatewayUnavailable(f"No such payment_intent: {ref}")
    return intent
