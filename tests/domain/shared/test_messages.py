"""Events and commands, their names and their errors."""

import re
from dataclasses import FrozenInstanceError

import pytest

from domain.shared.decider import Decider
from domain.shared.errors import DomainError
from domain.shared.ids import CheckoutId, OrderId, PaymentId, ProductId, order_of, payment_of, shipment_of
from domain.shared.messages import COMMANDS, EVENTS, command, event, name_of, stored_name
from domain.sku.commands import ClaimSku
from domain.sku.events import SkuClaimed
from tests.support.builders.strategies import MUG


def test_every_message_has_a_stored_name_with_a_version() -> None:
    assert all(re.fullmatch(r"[a-z_]+\.[a-z0-9_]+\.v[1-9]\d*", name) for name in [*EVENTS, *COMMANDS])


def test_a_message_knows_its_stored_name() -> None:
    claim = ClaimSku(sku=MUG, product_id=ProductId("mug"))
    assert name_of(claim) == stored_name(ClaimSku) == "sku.claim.v1"
    assert stored_name(SkuClaimed) == "sku.claimed.v1"


def test_a_name_is_given_once() -> None:
    class Another:
        pass

    with pytest.raises(TypeError, match=r"sku\.claimed\.v1 already names SkuClaimed"):
        event("sku.claimed.v1")(Another)
    with pytest.raises(TypeError, match=r"sku\.claim\.v1 already names ClaimSku"):
        command("sku.claim.v1")(Another)


@pytest.mark.parametrize("name", ["claimed", "sku.claimed", "Sku.Claimed.v1", "sku.claimed.v0", "sku.claimed.v1\n"])
def test_a_name_has_the_form_of_a_name(name: str) -> None:
    class Another:
        pass

    with pytest.raises(TypeError, match="stored name"):
        event(name)(Another)


def test_a_message_cannot_be_changed() -> None:
    claim = ClaimSku(sku=MUG, product_id=ProductId("mug"))
    with pytest.raises(FrozenInstanceError):
        claim.sku = MUG  # type: ignore[misc]  # that is the point


def test_every_refusal_says_in_its_docstring_what_is_the_case() -> None:
    def below(cls: type[DomainError]) -> list[type[DomainError]]:
        return [cls, *(deeper for child in cls.__subclasses__() for deeper in below(child))]

    for refusal in below(DomainError):
        assert "__doc__" in vars(refusal)
        assert refusal.__doc__ is not None
        assert refusal.__doc__.endswith(".")


def test_ids_of_a_checkout_derive_from_it() -> None:
    assert order_of(CheckoutId("c1")) == OrderId("c1")
    assert payment_of(CheckoutId("c1")) == PaymentId("c1")
    assert shipment_of(OrderId("c1"), 2) == "c1.2"


def test_a_replay_goes_on_from_what_is_known() -> None:
    def add(so_far: int, fact: int) -> int:
        return 10 * so_far + fact

    decider = Decider(initial=7, decide=lambda _, command: [command], evolve=add)
    assert decider.replay([1, 2]) == 712
    assert decider.replay([1, 2], since=0) == 12
