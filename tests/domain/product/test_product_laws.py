"""Whatever is asked of a product, in whatever order."""

from datetime import datetime, timedelta

from hypothesis import given

from domain.product.commands import Discontinue, ProductCommand
from domain.product.decider import Product, product_decider
from domain.product.events import PriceWithdrawn, ProductEvent, VariantPriced, VariantRemoved
from domain.product.state import Phase
from domain.shared.errors import DomainError
from domain.shared.ids import Sku
from domain.shared.money import Money
from infra.serialization.codec import JsonCodec
from tests.support.builders.strategies import CUP, FUEL, MUG, NOON, product_stories
from tests.support.harness.laws import law, play

commands = product_stories()
TIMES = [NOON + timedelta(hours=hours) for hours in range(-1, 6)]


@law
@given(commands)
def test_what_is_published_can_be_bought(asked: list[ProductCommand]) -> None:
    for product, _ in play(product_decider, asked):
        if product.is_sellable:
            assert any(product.price_of(sku, TIMES[-1]) for sku in product.variants)


@law
@given(commands)
def test_no_two_variants_have_the_same_options(asked: list[ProductCommand]) -> None:
    for product, _ in play(product_decider, asked):
        options = [frozenset(variant.options) for variant in product.variants.values()]
        assert len(set(options)) == len(options)


@law
@given(commands)
def test_a_product_has_one_currency(asked: list[ProductCommand]) -> None:
    for product, _ in play(product_decider, asked):
        prices = [dated.price for variant in product.variants.values() for dated in variant.prices]
        assert {price.currency for price in prices} <= {product.currency}


@law
@given(commands)
def test_the_price_in_force_is_the_latest_that_has_begun(asked: list[ProductCommand]) -> None:
    facts: list[ProductEvent] = []
    for product, answer in play(product_decider, asked):
        if not isinstance(answer, DomainError):
            facts += answer
        for sku in (MUG, CUP, FUEL):
            for at in TIMES:
                found = product.price_of(sku, at)
                assert (found.amount if found else None) == in_force(facts, sku, at)


def in_force(facts: list[ProductEvent], sku: Sku, at: datetime) -> Money | None:
    """The price by the words of the rule, computed the slow way."""
    gone = max((n for n, fact in enumerate(facts) if isinstance(fact, VariantRemoved) and fact.sku == sku), default=-1)
    withdrawn = {
        fact.valid_from: number
        for number, fact in enumerate(facts)
        if isinstance(fact, PriceWithdrawn) and fact.sku == sku
    }
    begun = [
        (fact.valid_from, number, fact.price)
        for number, fact in enumerate(facts)
        if isinstance(fact, VariantPriced) and fact.sku == sku and fact.valid_from <= at
        if number > max(gone, withdrawn.get(fact.valid_from, -1))
    ]
    return max(begun, key=lambda dated: dated[:2])[2] if begun else None


@law
@given(commands)
def test_the_facts_make_the_product_and_a_repeat_changes_nothing(asked: list[ProductCommand]) -> None:
    facts: list[ProductEvent] = []
    for command, (product, answer) in zip(asked, play(product_decider, asked), strict=True):
        if not isinstance(answer, DomainError):
            facts += answer
            assert product_decider.decide(product, command) == []
        assert product_decider.replay(facts) == product


@law
@given(commands)
def test_nothing_happens_to_a_discontinued_product(asked: list[ProductCommand]) -> None:
    gone = False
    for command, (product, answer) in zip(asked, play(product_decider, asked), strict=True):
        if gone:
            assert isinstance(answer, DomainError) or (isinstance(command, Discontinue) and answer == [])
        gone = product.phase is Phase.DISCONTINUED


@law
@given(commands)
def test_a_snapshot_is_the_product(asked: list[ProductCommand]) -> None:
    codec = JsonCodec()
    *_, (product, _) = play(product_decider, asked)
    assert codec.decode(codec.encode(product), Product) == product
