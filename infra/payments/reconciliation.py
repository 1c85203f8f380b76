"""Compares how the gateway moved the shop's money with what the log says of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.shared.money import Money, total

ON_ITS_WAY = timedelta(minutes=15)
"""How long the log may take to hear of what the gateway did."""

Key = tuple["What", str]
Sum = tuple["What", str, Money]
"""All movements of a kind and currency together."""


class What(StrEnum):
    """Why money moved."""

    CAPTURE = "capture"
    REFUND = "refund"
    DISPUTE = "dispute"


class Problem(StrEnum):
    """How the two books differ."""

    NOT_IN_LOG = "only at the gateway"
    NOT_AT_GATEWAY = "only in the log"
    AMOUNT = "amounts differ"
    FEE = "fees differ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A change of the shop's balance; negative is taken from it.

    `ref` is the gateway's id and the same in both books: of the payment's intent, of the refund, or of a dispute's
    movement. Entries of the same kind and `ref` add up, as a refund and its return. Only fees of disputes are in the
    log. `settled` is false while the gateway itself may still change its mind.
    """

    what: What
    ref: str
    amount: Money
    at: datetime
    fee: Money | None = None
    payment: str = ""
    settled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What the log and the gateway say of the same thing; None: nothing."""

    problem: Problem
    what: What
    ref: str
    payment: str
    log: Money | None
    gateway: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """Both books of a time, and where they differ. `waiting`: too new at the gateway to be expected in the log."""

    log: Sequence[Sum]
    gateway: Sequence[Sum]
    differences: Sequence[Difference]
    waiting: int

    @property
    def ok(self) -> bool:
        return not self.differences


def reconciled(log: Iterable[Entry], gateway: Iterable[Entry], since: datetime, now: datetime) -> Reconciliation:
    """Compare what moved since then. Older entries are looked at only to find the other side of younger ones."""
    ours, theirs = _added_up(log), _added_up(gateway)
    young = [key for key in {**ours, **theirs} if max(one[key].at for one in (ours, theirs) if key in one) >= since]
    waiting = [key for key in young if key not in ours and _may_come(theirs[key], now)]
    differences = [
        difference
        for key in young
        if key not in waiting and (difference := _difference(ours.get(key), theirs.get(key))) is not None
    ]
    return Reconciliation(
        log=_sums(ours[key] for key in young if key in ours),
        gateway=_sums(theirs[key] for key in young if key in theirs),
        differences=sorted(differences, key=lambda one: (one.what, one.problem, one.payment, one.ref)),
        waiting=len(waiting),
    )


def _added_up(entries: Iterable[Entry]) -> dict[Key, Entry]:
    """One entry for each thing; what went and came back is none."""
    sums = dict[Key, Entry]()
    for entry in entries:
        key = entry.what, entry.ref
        if (known := sums.get(key)) is not None:
            entry = Entry(
                what=entry.what,
                ref=entry.ref,
                amount=known.amount + entry.amount,
                at=max(known.at, entry.at),
                fee=known.fee + entry.fee if known.fee and entry.fee else known.fee or entry.fee,
                payment=known.payment or entry.payment,
                settled=known.settled and entry.settled,
            )
        sums[key] = entry
    return {key: entry for key, entry in sums.items() if entry.amount.amount or (entry.fee and entry.fee.amount)}


def _may_come(entry: Entry, now: datetime) -> bool:
    return not entry.settled or now - entry.at < ON_ITS_WAY


def _difference(log: Entry | None, gateway: Entry | None) -> Difference | None:
    if log is None or gateway is None:
        entry = log or gateway
        assert entry is not None
        problem = Problem.NOT_IN_LOG if log is None else Problem.NOT_AT_GATEWAY
        return _shown(problem, entry, log.amount if log else None, gateway.amount if gateway else None)
    if log.amount != gateway.amount:
        return _shown(Problem.AMOUNT, log, log.amount, gateway.amount)
    if log.what is What.DISPUTE and log.fee != gateway.fee:
        return _shown(Problem.FEE, log, log.fee, gateway.fee)
    return None


def _shown(problem: Problem, entry: Entry, log: Money | None, gateway: Money | None) -> Difference:
    return Difference(problem=problem, what=entry.what, ref=entry.ref, payment=entry.payment, log=log, gateway=gateway)


def _sums(entries: Iterable[Entry]) -> Sequence[Sum]:
    found = defaultdict[tuple[What, str], list[Money]](list)
    for entry in entries:
        found[entry.what, entry.amount.currency].append(entry.amount)
    return [(what, currency, total(amounts, currency)) for (what, currency), amounts in sorted(found.items())]
