"""What the witness says: her record against the log, the money, and the read models."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from domain.shared.ids import OrderId, PaymentId
from domain.shared.recorded import Position, Recorded
from infra.audit.verdict import Check
from infra.payments.intents import Account, Standing, Status
from tests.simulation.invariants import Books, Broken, hold_true
from tests.simulation.quiescence import check_checkout, check_hold, check_process
from tests.torture.log import Truth
from tests.torture.record import Answered, Asked, Entry, Fed, Read
from tests.torture.states import History, histories, shown
from write_api.http.context import NAMESPACE

ALWAYS_WRITES = re.compile(r"/carts(/[^/]+/items)?|/checkouts|/stock/.*/receipts|/products.*")
EVER_HELD = frozenset({Status.REQUIRES_CAPTURE, Status.SUCCEEDED, Status.CANCELED})
RECEIPT = re.compile(r"/stock/(?P<warehouse>[^/]+)/(?P<sku>[^/]+)/receipts")


@dataclass(slots=True)
class Judgement:
    """Claims about one run. `attention` is what the cockpit showed at the end: process and instance."""

    entries: Sequence[Entry]
    truth: Truth
    attention: frozenset[tuple[str, str]]
    books: Books = field(default_factory=Books)
    _ledger: Mapping[PaymentId, Standing] = field(init=False)
    once: Check = field(default_factory=lambda: Check("each acknowledged command is in the log exactly once"))
    refused: Check = field(default_factory=lambda: Check("a command that was refused is not in the log"))
    reads: Check = field(default_factory=lambda: Check("no read is behind a position it was promised"))
    stock: Check = field(default_factory=lambda: Check("no unit is sold that did not come in, and none twice"))
    books_hold: Check = field(default_factory=lambda: Check("the books hold after every event"))
    money: Check = field(default_factory=lambda: Check("no money without an order, no order without money held"))
    charged: Check = field(default_factory=lambda: Check("nobody is charged twice"))
    finished: Check = field(default_factory=lambda: Check("every process is finished, or shown as needing attention"))
    tidy: Check = field(default_factory=lambda: Check("nothing is held for nobody: no unit, no cart, no cent"))

    def __post_init__(self) -> None:
        self._ledger = {payment: _standing(account) for payment, account in self.truth.accounts.items()}

    def checks(self) -> Sequence[Check]:
        """Judge everything."""
        self._keep_books()
        self._judge_commands()
        self._judge_reads()
        self._judge_stock()
        self._judge_money()
        self._judge_processes()
        return [
            self.once,
            self.refused,
            self.reads,
            self.stock,
            self.books_hold,
            self.money,
            self.charged,
            self.finished,
            self.tidy,
        ]

    def _keep_books(self) -> None:
        """The books of the simulation, kept from this log; what was ever held stands for what was held then."""
        ever = {payment: Standing(held=_ever_held(account)) for payment, account in self.truth.accounts.items()}
        for recorded in self.truth.log:
            self.books_hold.looked_at += 1
            try:
                self.books.see(recorded, ever)
            except (Broken, KeyError) as broken:
                self.books_hold.fail(f"at {recorded.position}, {recorded.stream}: {broken!r}")

    def _judge_commands(self) -> None:
        asked = {(entry.subject, entry.key): entry for entry in self.entries if isinstance(entry, Asked)}
        carried_out = defaultdict[UUID, list[Recorded[Any]]](list)
        for recorded in self.truth.log:
            carried_out[recorded.metadata.command_id].append(recorded)
        places = {recorded.position: recorded for recorded in self.truth.log}
        waiting = Counter((it.subject, it.key) for it in self.entries if isinstance(it, Answered) and it.accepted)
        for entry in self.entries:
            if isinstance(entry, Answered):
                key = entry.subject, entry.key
                waiting[key] -= entry.accepted
                command = uuid5(NAMESPACE, f"{entry.subject}\n{entry.key}")
                self._judge(entry, asked[key], carried_out.get(command, []), places, afresh=waiting[key] > 0)

    def _judge(
        self,
        entry: Answered,
        asked: Asked,
        records: Sequence[Recorded[Any]],
        places: Mapping[Position, Recorded[Any]],
        *,
        afresh: bool,
    ) -> None:
        """`afresh`: it was accepted later, for a repeat of what was refused is decided afresh (docs/api.md)."""
        name = f"{entry.subject} {entry.key} {asked.method} {asked.path}"
        if not entry.accepted:
            self.refused.looked_at += 1
            if records and not afresh:
                self.refused.fail(f"{name}: answered {entry.status}, but stored at {records[0].position}")
            return
        self.once.looked_at += 1
        position, revision = int(entry.answer["position"]), entry.answer["revision"]
        if not records:
            place = places.get(Position(position))
            nothing_to_do = not ALWAYS_WRITES.fullmatch(asked.path) and place is not None and place.revision == revision
            if not nothing_to_do:
                self.once.fail(f"{name}: acknowledged at {position}, and the log has nothing of it")
            return
        first, last = records[0], records[-1]
        run = [(first.stream, first.revision + n) for n in range(len(records))]
        if [(each.stream, each.revision) for each in records] != run:
            self.once.fail(f"{name}: carried out more than once, at {[each.position for each in records]}")
        elif (last.position, last.revision) != (position, revision):
            self.once.fail(f"{name}: acknowledged at {position}, and stored at {last.position}")

    def _judge_reads(self) -> None:
        things = histories(self.truth.log)
        for entry in self.entries:
            if isinstance(entry, Read):
                self.reads.looked_at += 1
                allowed = things.get((entry.kind, entry.id), History()).since(entry.after)
                if (state := shown(entry.kind, entry.answer)) not in allowed:
                    self.reads.fail(f"{entry.kind} {entry.id} after {entry.after}: {state}, not one of {allowed[:3]}")

    def _judge_stock(self) -> None:
        """What came in by the witness's own record, against what the log has sold."""
        came_in, sold = Counter[str](), Counter[str]()
        asked = {(entry.subject, entry.key): entry for entry in self.entries if isinstance(entry, Asked)}
        for entry in asked.values():
            if (receipt := RECEIPT.fullmatch(entry.path)) and entry.body is not None:
                came_in[receipt["sku"]] += entry.body["quantity"]
        for fed in self.entries:
            if isinstance(fed, Fed):
                came_in[fed.sku] += fed.quantity
        for order in self.books.orders.values():
            for line in order.placed.lines:
                kept = 0 if order.cancelled else line.priced.quantity - order.units_cancelled[line.priced.sku]
                sold[line.priced.sku] += kept
        for sku, units in sold.items():
            self.stock.looked_at += 1
            if units > came_in[sku]:
                self.stock.fail(f"{units} of {sku} are sold, {came_in[sku]} came in")

    def _judge_money(self) -> None:
        """Straight from the gateway: what is held or kept has an open or a delivered order, and the other way round."""
        for payment, account in self.truth.accounts.items():
            self.charged.looked_at += 1
            live = [it for it in account.intents if it.status in (Status.REQUIRES_CAPTURE, Status.SUCCEEDED)]
            if len(live) > 1 or len({it.attempt for it in account.intents}) < len(account.intents):
                self.charged.fail(f"{payment}: {[(it.attempt, str(it.status), it.amount.amount) for it in live]}")
        for payment in self.truth.accounts.keys() | {PaymentId(order) for order in self.books.orders}:
            self._attempt(self.money, lambda payment=payment: self._money_and_order(payment))

    def _money_and_order(self, payment: PaymentId) -> None:
        now, sold = self._ledger.get(payment, Standing()), self.books.orders.get(OrderId(payment))
        check_hold(self.books, payment, now)
        if sold is not None and not sold.cancelled:
            due = sold.placed.total.amount
            hold_true(now.held + now.captured >= due, f"{due} are due, the gateway has {now}", payment)

    def _judge_processes(self) -> None:
        heard = {instance for process, instance in self.books.journals if process == "checkout"}
        for checkout in self.books.checkouts:
            self.finished.looked_at += 1
            if checkout not in heard:
                self.finished.fail(f"checkout {checkout} never began")
            self._attempt(self.tidy, lambda it=checkout: check_checkout(self.books, self._ledger, it))
        fulfilled = {instance for process, instance in self.books.journals if process == "fulfilment"}
        for order in self.books.orders.keys() - fulfilled:
            self.finished.fail(f"fulfilment of {order} never began")
        for (process, instance), last in self.books.journals.items():
            self._attempt(self.finished, lambda it=last: check_process(it))
            if last.attention is not None and (process, instance) not in self.attention:
                self.finished.fail(f"{process} {instance}: {last.attention}, and the cockpit does not show it")

    def _attempt(self, check: Check, prove: Any) -> None:
        check.looked_at += 1
        try:
            prove()
        except Broken as broken:
            check.fail(f"{broken.about}: {broken}")


def _ever_held(account: Account) -> int:
    return sum(it.amount.amount for it in account.intents if it.status in EVER_HELD)


def _standing(account: Account) -> Standing:
    """As the gateway has it; a hold that is days away from its end is a hold."""
    held = sum(it.amount.amount for it in account.intents if it.status is Status.REQUIRES_CAPTURE)
    captured = sum(it.captured for it in account.intents)
    return Standing(held=held, captured=captured, refunded=sum(it.refunded for it in account.intents))


def failed(checks: Iterable[Check]) -> Mapping[str, Sequence[str]]:
    """The claims that do not hold, with examples."""
    return {check.claim: check.examples for check in checks if not check.ok}
