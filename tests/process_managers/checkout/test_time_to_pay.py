"""The time to pay ends with the reservation that ends first, in whatever order the stock has answered."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from domain.payment.commands import RequestPayment
from domain.stock.commands import ExtendReservation
from domain.stock.events import StockReserved
from process_managers.engine.process import SetTimer
from tests.process_managers.checkout.checkout_story import action, declined, reserved, reserving
from tests.support.builders.sold import EAST
from tests.support.builders.strategies import CUP, MUG, NOON

FIRST_END, LAST_END = NOON + timedelta(minutes=9), NOON + timedelta(minutes=20)
ORDERS = list(permutations([reserved(MUG, until=FIRST_END), reserved(CUP, until=LAST_END)]))


def pay_timers(requests: Any) -> list[datetime]:
    return [request.due for request in requests if isinstance(request, SetTimer) and request.name == "pay"]


@pytest.mark.parametrize("answers", ORDERS)
def test_the_timer_rings_a_minute_before_the_first_reservation_ends(answers: tuple[StockReserved, ...]) -> None:
    *before, last = answers
    heard = reserving.given(*before).when(last)
    assert pay_timers(heard.requests) == [FIRST_END - timedelta(minutes=1)]
    assert any(isinstance(request, RequestPayment) for request in heard.requests)


def test_a_line_that_was_held_later_at_another_warehouse_gives_no_more_time() -> None:
    heard = reserving.given(reserved(CUP, until=FIRST_END), declined(MUG)).when(reserved(MUG, EAST, until=LAST_END))
    assert pay_timers(heard.requests) == [FIRST_END - timedelta(minutes=1)]


@pytest.mark.parametrize("answers", ORDERS)
def test_more_time_is_added_to_the_first_end_and_every_line_is_held_until_then(
    answers: tuple[StockReserved, ...],
) -> None:
    requests = reserving.given(*answers).when(action).requests
    until = FIRST_END + timedelta(minutes=15)
    assert pay_timers(requests) == [until - timedelta(minutes=1)]
    assert {it.expires_at for it in requests if isinstance(it, ExtendReservation)} == {until}
