"""A cart that is not touched for 30 days is closed.

CartOpened, CartReopened            -> timer in 30 days
TimerFired                          -> AbandonCart if idle since the timer was set; timer in 30 days
CartCheckedOut, CartAbandoned,
CartHandedOver                      -> no timer any more
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never, get_args

from domain.cart.commands import AbandonCart
from domain.cart.events import CartAbandoned, CartCheckedOut, CartHandedOver, CartOpened, CartReopened
from domain.shared.ids import CartId
from process_managers.engine.process import CancelTimer, Reaction, Request, SetTimer, TimerFired

IDLE = "idle"
PATIENCE = timedelta(days=30)

AbandonmentInput = CartOpened | CartReopened | CartCheckedOut | CartAbandoned | CartHandedOver | TimerFired


def instance_of(message: AbandonmentInput) -> str:
    return message.instance if isinstance(message, TimerFired) else message.cart_id


def react(message: AbandonmentInput, at: datetime) -> Sequence[Request]:
    """What follows from an input."""
    match message:
        case CartOpened() | CartReopened():
            return [SetTimer(name=IDLE, due=at + PATIENCE)]
        case TimerFired(instance=cart, due=due):
            return [
                AbandonCart(cart_id=CartId(cart), idle_since=due - PATIENCE),
                SetTimer(name=IDLE, due=due + PATIENCE),
            ]
        case CartCheckedOut() | CartAbandoned() | CartHandedOver():
            return [CancelTimer(name=IDLE)]
        case _:
            assert_never(message)


CART_ABANDONMENT = Reaction(
    name="cart_abandonment",
    handles=get_args(AbandonmentInput),
    instance_of=instance_of,
    react=react,
)
