"""Whatever is asked of a cart, in whatever order."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.cart.commands import AddItem, CartCommand, CheckOutCart
from domain.cart.decider import Cart, cart_decider
from domain.cart.errors import TotalChanged
from domain.cart.events import CancellationRequested, CartCheckedOut, CartEvent, CartReopened
from domain.shared.decider import Decider
from domain.shared.errors import DomainError
from domain.shared.money import Money
from infra.serialization.codec import JsonCodec
from tests.support.builders.strategies import cart_stories
from tests.support.harness.laws import law, play

CAN_ADD_UP = Money(0, "ADD")
"""Stands for the total that a shopper reads off the page, which nobody could guess at random."""

totals = st.sampled_from([CAN_ADD_UP, Money(7, "EUR")])
commands = cart_stories(totals)


def decide(cart: Cart, command: CartCommand) -> Sequence[CartEvent]:
    """The cart as a shopper uses it who can add up."""
    if isinstance(command, CheckOutCart) and command.total_seen == CAN_ADD_UP:
        prices = {offer.sku: offer.unit_price for offer in command.offers}
        lines = [line.agreed.total if line.agreed else prices[line.sku].of(line.quantity) for line in cart.lines]
        cents = sum(line.amount for line in lines) + command.delivery.price.amount
        command = replace(command, total_seen=Money(cents, "EUR"))
    return cart_decider.decide(cart, command)


shopped = Decider(initial=Cart(), decide=decide, evolve=cart_decider.evolve)


@law
@given(commands)
def test_quantities_stay_within_bounds_and_currencies_apart(asked: list[CartCommand]) -> None:
    for cart, _ in play(shopped, asked):
        assert len({line.sku for line in cart.lines}) == len(cart.lines)
        for line in cart.lines:
            assert 1 <= line.quantity <= 1_000 * line.seen.base_quantity
            assert line.seen.amount.currency == cart.currency
            assert line.agreed is None or line.agreed.total.currency == cart.currency


@law
@given(commands)
def test_a_cart_has_one_live_checkout_and_each_checkout_once(asked: list[CartCommand]) -> None:
    live: list[str] = []
    begun: list[str] = []
    for cart, answer in play(shopped, asked):
        for fact in [] if isinstance(answer, DomainError) else answer:
            match fact:
                case CartCheckedOut(checkout_id=checkout):
                    live.append(checkout)
                    begun.append(checkout)
                case CartReopened(checkout_id=checkout):
                    live.remove(checkout)
                case CancellationRequested(checkout_id=checkout):
                    assert live == [checkout]
                case _:
                    assert not live
        assert live == ([cart.checkout_id] if cart.checkout_id else [])
        assert len(set(begun)) == len(begun)


@law
@given(commands)
def test_the_shoppers_word_adds_up_to_the_cent(asked: list[CartCommand]) -> None:
    before = Cart()
    for cart, answer in play(shopped, asked):
        match answer:
            case [CartCheckedOut(lines=lines, total=total, delivery=delivery)]:
                assert [(line.sku, line.quantity) for line in lines] == [
                    (line.sku, line.quantity) for line in before.lines
                ]
                for line, meant in zip(lines, before.lines, strict=True):
                    promised = meant.agreed.total if meant.agreed else meant.seen.of(meant.quantity)
                    assert line.total == promised
                    assert sum(step.amount.amount for step in line.steps) == line.total.amount
                assert sum(line.total.amount for line in lines) + delivery.price.amount == total.amount
            case _:
                pass
        before = cart


@law
@given(commands)
def test_who_adds_up_right_is_never_told_another_total(asked: list[CartCommand]) -> None:
    for command, (_, answer) in zip(asked, play(shopped, asked), strict=True):
        if isinstance(command, CheckOutCart) and command.total_seen == CAN_ADD_UP:
            assert not isinstance(answer, TotalChanged)


@law
@given(commands)
def test_the_facts_make_the_cart_and_a_repeat_changes_nothing(asked: list[CartCommand]) -> None:
    facts: list[CartEvent] = []
    for command, (cart, answer) in zip(asked, play(shopped, asked), strict=True):
        if not isinstance(answer, DomainError):
            facts += answer
            assert isinstance(command, AddItem) or shopped.decide(cart, command) == []
        assert cart_decider.replay(facts) == cart


@law
@given(commands)
def test_a_snapshot_is_the_cart(asked: list[CartCommand]) -> None:
    codec = JsonCodec()
    *_, (cart, _) = play(shopped, asked)
    assert codec.decode(codec.encode(cart), Cart) == cart
