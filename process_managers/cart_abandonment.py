"""A cart that nobody touches for 30 days is closed.

CartOpened, CartReopened            -> timer in 30 days
TimerFired                          -> AbandonCart if idle since the timer was set; timer in 30 days
CartCheckedOut, CartAbandoned       -> no timer any more
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never

from domain.cart.commands import AbandonCart
from domain.cart.events import CartAbandoned, CartCheckedOut, CartOpened, CartReopened
from domain.shared.ids import CartId
from process_managers.engine.process import CancelTimer, Reaction, Request, SetTimer, TimerFired

IDLE = "idle"
PATIENCE = timedelta(days=30)

Heard = CartOpened | CartReopened | CartCheckedOut | CartAbandoned | TimerFired


def instance_of(heard: Heard) -> str:
    return heard.instance if isinstance(heard, TimerFired) else heard.cart_id


def react(heard: Heard, at: datetime) -> Sequence[Request]:
    """What an input asks for."""
    match heard:
        case CartOpened() | CartReopened():
            return [SetTimer(name=IDLE, due=at + PATIENCE)]
        case TimerFired(instance=cart, due=due):
            return [
                AbandonCart(cart_id=CartId(cart), idle_since=due - PATIENCE),
                SetTimer(name=IDLE, due=due + PATIENCE),
            ]
        case CartCheckedOut() | CartAbandoned():
            return [CancelTimer(name=IDLE)]
        case _:
            assert_never(heard)


CART_ABANDONMENT = Reaction(
    name="cart_abandonment",
    handles=(CartOpened, CartReopened, CartCheckedOut, CartAbandoned, TimerFired),
    instance_of=instance_of,
    react=react,
)
