"""The log and the gateway are compared entry by entry: each kind of difference is found, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shared.money import Money
from infra.payments.reconciliation import Difference, Entry, Problem, What, reconciled

NOW = datetime(2026, 11, 30, tzinfo=UTC)
SINCE, LATELY, LONG_AGO = NOW - timedelta(days=30), NOW - timedelta(days=2), NOW - timedelta(days=31)


def euro(cents: int) -> Money:
    return Money(cents, "EUR")


def entry(what: What, cents: int, ref: str = "x", *, at: datetime = LATELY, fee: int | None = None) -> Entry:
    return Entry(what=what, ref=ref, amount=euro(cents), at=at, fee=None if fee is None else euro(fee), payment="p")


TAKEN = entry(What.CAPTURE, 5000)
BACK = entry(What.REFUND, -2000)
LOST = entry(What.DISPUTE, -5000, fee=-1500)


@pytest.mark.parametrize(
    ("log", "gateway", "problem", "ours", "theirs"),
    [
        ([], [TAKEN], Problem.NOT_IN_LOG, None, 5000),
        ([TAKEN], [], Problem.NOT_AT_GATEWAY, 5000, None),
        ([TAKEN], [entry(What.CAPTURE, 4999)], Problem.AMOUNT, 5000, 4999),
        ([], [BACK], Problem.NOT_IN_LOG, None, -2000),
        ([BACK], [BACK, entry(What.REFUND, 2000)], Problem.NOT_AT_GATEWAY, -2000, None),
        ([BACK, BACK], [BACK], Problem.AMOUNT, -4000, -2000),
        ([], [LOST], Problem.NOT_IN_LOG, None, -5000),
        ([LOST], [entry(What.DISPUTE, -5000, fee=-2000)], Problem.FEE, -1500, -2000),
    ],
)
def test_each_difference_is_named(
    log: list[Entry], gateway: list[Entry], problem: Problem, ours: int | None, theirs: int | None
) -> None:
    found = reconciled([*log, entry(What.CAPTURE, 1, "same")], [*gateway, entry(What.CAPTURE, 1, "same")], SINCE, NOW)
    assert found.differences == [
        Difference(
            problem=problem,
            what=(log or gateway)[0].what,
            ref="x",
            payment="p",
            log=None if ours is None else euro(ours),
            gateway=None if theirs is None else euro(theirs),
        )
    ]
    assert not found.ok


def test_what_is_too_new_or_not_settled_is_waited_for() -> None:
    fresh = entry(What.CAPTURE, 5000, "new", at=NOW - timedelta(minutes=14))
    pending = Entry(what=What.REFUND, ref="re", amount=euro(-1), at=LATELY, settled=False)
    found = reconciled([], [fresh, pending], SINCE, NOW)
    assert (found.ok, found.waiting) == (True, 2)
    later = reconciled([], [fresh, pending], SINCE, NOW + timedelta(minutes=2))
    assert [one.ref for one in later.differences] == ["new"]


def test_a_refund_that_failed_before_it_succeeded_is_none() -> None:
    assert reconciled([], [BACK, entry(What.REFUND, 2000)], SINCE, NOW).ok


def test_older_entries_only_answer_younger_ones() -> None:
    old = entry(What.CAPTURE, 5000, at=LONG_AGO)
    assert reconciled([old], [], SINCE, NOW).ok
    assert reconciled([TAKEN], [old], SINCE, NOW).ok
    assert not reconciled([TAKEN], [entry(What.CAPTURE, 4999, at=LONG_AGO)], SINCE, NOW).ok


def test_sums_are_told_by_kind_and_currency() -> None:
    dollars = Entry(what=What.CAPTURE, ref="d", amount=Money(7, "USD"), at=LATELY)
    found = reconciled([TAKEN, BACK, dollars], [], SINCE, NOW)
    assert found.log == [
        (What.CAPTURE, "EUR", euro(5000)),
        (What.CAPTURE, "USD", Money(7, "USD")),
        (What.REFUND, "EUR", euro(-2000)),
    ]


entries = st.lists(
    st.builds(
        entry,
        st.sampled_from(What),
        st.integers(-3, 3),
        st.sampled_from("abc"),
        at=st.sampled_from([LATELY, LONG_AGO]),
        fee=st.sampled_from([None, -1]),
    )
)


@given(entries, st.randoms())
def test_equal_books_never_differ_in_whatever_order(book: list[Entry], random: object) -> None:
    shuffled = list(book)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert reconciled(book, shuffled, SINCE, NOW).ok


@given(entries, entries)
def test_both_sides_find_the_same_things_different(one: list[Entry], other: list[Entry]) -> None:
    there = {(each.what, each.ref) for each in reconciled(one, other, SINCE, NOW).differences}
    back = {(each.what, each.ref) for each in reconciled(other, one, SINCE, NOW).differences}
    assert there == back
