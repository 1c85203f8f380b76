"""Callers take turns in a queue; the queue is compared with a list that says the same slowly."""

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from infra.http.fair_queue import FairQueue

CALLERS = st.sampled_from("abc")


def filled(*callers: str) -> FairQueue[str]:
    turns = FairQueue[str]()
    for number, caller in enumerate(callers):
        turns.append(caller, f"{caller}{number}")
    return turns


def test_one_caller_is_served_in_order_and_two_in_turns() -> None:
    alone, turns = filled(*"aaa"), filled(*"aaaab")
    assert [alone.pop() for _ in range(3)] == ["a0", "a1", "a2"]
    assert [turns.pop() for _ in range(5)] == ["a0", "b4", "a1", "a2", "a3"]


def test_who_has_most_gives_way_to_who_has_less_and_not_to_its_like() -> None:
    turns = filled(*"aaabb")
    assert [turns.owes(caller) for caller in "abc"] == [False, False, True]
    assert turns.give_way() == "a2"
    assert [turns.owes(caller) for caller in "abc"] == [False, False, True]
    assert (turns.give_way(), turns.give_way()) == ("b4", "a1")
    assert (turns.owes("c"), len(turns)) == (False, 2)


class FairQueueByHand(RuleBasedStateMachine):
    """`waiting` in the order of arrival, `last` in the order in which callers were served."""

    def __init__(self) -> None:
        super().__init__()
        self.turns = FairQueue[int]()
        self.waiting = list[tuple[str, int]]()
        self.served = list[str]()
        self.number = 0

    @rule(caller=CALLERS)
    def comes(self, caller: str) -> None:
        self.number += 1
        self.turns.append(caller, self.number)
        if caller not in dict(self.waiting):
            self.served.append(caller)
        self.waiting.append((caller, self.number))

    @rule()
    def is_served(self) -> None:
        if self.waiting:
            caller = self.served.pop(0)
            first = next(number for name, number in self.waiting if name == caller)
            assert self.turns.pop() == first
            self.served.append(caller)
            self._goes(caller, first)

    @rule(data=st.data())
    def gives_up(self, data: st.DataObject) -> None:
        if self.waiting:
            caller, number = data.draw(st.sampled_from(self.waiting))
            self.turns.remove(caller, number)
            self._goes(caller, number)

    @rule(caller=CALLERS)
    def crowds_out(self, caller: str) -> None:
        counts = Counter(name for name, _ in self.waiting)
        most = max(counts.values(), default=0)
        assert self.turns.owes(caller) == (most > counts[caller] + 1)
        if most:
            loser = self.turns.give_way()
            (name,) = [name for name, number in self.waiting if number == loser]
            assert (counts[name], loser) == (most, max(number for other, number in self.waiting if other == name))
            self._goes(name, loser)

    @invariant()
    def none_is_lost(self) -> None:
        assert len(self.turns) == len(self.waiting)

    def _goes(self, caller: str, number: int) -> None:
        self.waiting.remove((caller, number))
        if caller not in dict(self.waiting):
            self.served.remove(caller)


TestFairQueueByHand = FairQueueByHand.TestCase
