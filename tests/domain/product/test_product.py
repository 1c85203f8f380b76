"""A product: its words, variants, prices and pictures."""

from collections.abc import Callable
from datetime import timedelta, timezone

import pytest

from domain.product.commands import (
    DraftProduct,
    ProductCommand,
)
from domain.product.decider import HIGHEST_PRICE, MOST_MEDIA, MOST_VARIANTS
from domain.product.errors import (
    NotALink,
    NothingToSell,
    OptionsTaken,
    OptionTwice,
    OtherCurrency,
    ProductExists,
    ProductIsDiscontinued,
    ProductNotFound,
    TimeWithoutZone,
    TooMany,
    VariantExists,
    VariantNotFound,
)
from domain.product.events import ProductDescribed
from domain.product.state import Media
from domain.shared.ids import CategoryId, ProductId, Sku
from domain.shared.money import Money
from domain.shared.pricing import UnitPrice
from domain.shared.require import NotACode, NotACurrency, NumberOutOfBounds, TextOutOfBounds
from tests.domain.product.story import (
    BIG,
    IMAGE,
    ONE,
    RED,
    SMALL,
    TEA,
    TEACUP,
    TWO,
    add,
    added,
    attach,
    attached,
    categorise,
    categorised,
    describe,
    discontinue,
    discontinued,
    draft,
    drafted,
    eur,
    given,
    price,
    priced,
    publish,
    published,
    unpublish,
    unpublished,
)
from tests.support.builders.strategies import CUP, FUEL, MUG, NOON


def test_a_product_is_drafted_once() -> None:
    given().when(draft()).then(drafted)
    given(drafted).when(draft()).then()
    assert given(drafted).when(draft(title="Tankard")).refused(ProductExists).field == "product_id"


def test_a_product_is_described_anew() -> None:
    anew = ProductDescribed(product_id=TEACUP, title="Cup", description="", brand="")
    given(drafted).when(describe("Cup", "", "")).then(anew)
    given(drafted).when(describe()).then()
    cup = given(drafted, anew).state
    assert (cup.title, cup.description, cup.brand) == ("Cup", "", "")


@pytest.mark.parametrize("ask", [draft, describe])
@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("", "", ""), "title"),
        ((" ", "", ""), "title"),
        (("x" * 201, "", ""), "title"),
        (("x", "x" * 10_001, ""), "description"),
        (("x", "", "x" * 101), "brand"),
    ],
)
def test_words_are_neither_missing_nor_too_long(
    ask: Callable[[str, str, str], ProductCommand], words: tuple[str, str, str], field: str
) -> None:
    before = given(drafted) if ask is describe else given()
    assert before.when(ask(*words)).refused(TextOutOfBounds).field == field


def test_ids_fit_into_addresses() -> None:
    given().when(DraftProduct(product_id=ProductId("a/b"), title="x")).refused(NotACode)
    given(drafted).when(add(Sku("a b"))).refused(NotACode)
    given(drafted).when(categorise(CategoryId(""))).refused(NotACode)


@pytest.mark.parametrize(
    "ask", [describe(), add(MUG), price(MUG, eur(1)), categorise(TEA), attach(), publish(), unpublish(), discontinue()]
)
def test_what_was_not_drafted_can_be_asked_for_nothing(ask: ProductCommand) -> None:
    given().when(ask).refused(ProductNotFound)


@pytest.mark.parametrize(
    "ask", [draft(), describe(), add(MUG), price(MUG, eur(1)), categorise(TEA), attach(), publish(), unpublish()]
)
def test_discontinued_is_for_good(ask: ProductCommand) -> None:
    given(drafted, discontinued).when(ask).refused(ProductIsDiscontinued)


def test_a_product_is_discontinued_once() -> None:
    given(drafted).when(discontinue(), discontinue("again")).then(discontinued)
    given(drafted).when(discontinue("")).refused(TextOutOfBounds)
    on_sale = given(drafted, added(MUG), priced(MUG, eur(1)), published)
    assert on_sale.state.is_sellable
    assert not on_sale.given(discontinued).state.is_sellable


def test_variants_are_told_apart_by_their_options() -> None:
    given(drafted).when(add(MUG, RED, BIG), add(CUP, RED, SMALL)).then(added(MUG, RED, BIG), added(CUP, RED, SMALL))
    refusal = given(drafted, added(MUG, RED, BIG)).when(add(CUP, BIG, RED)).refused(OptionsTaken)
    assert refusal.detail == "Variant MUG has the same options. Tell them apart."
    given(drafted, added(MUG)).when(add(CUP)).refused(OptionsTaken)


def test_a_sku_names_one_variant() -> None:
    assert given(drafted, added(MUG, BIG)).when(add(MUG, SMALL)).refused(VariantExists).field == "sku"
    given(drafted, added(MUG, BIG)).when(add(MUG, BIG, base_quantity=2)).refused(VariantExists)


def test_a_variant_added_again_is_a_repeat() -> None:
    given(drafted, added(MUG, RED, BIG)).when(add(MUG, BIG, RED)).then()


def test_a_variant_names_an_option_once() -> None:
    given(drafted).when(add(MUG, BIG, SMALL)).refused(OptionTwice)


@pytest.mark.parametrize("options", [[("", "x")], [("x", "")], [("x" * 101, "x")], [("x", "x" * 101)]])
def test_options_have_short_names_and_values(options: list[tuple[str, str]]) -> None:
    given(drafted).when(add(MUG, *options)).refused(TextOutOfBounds)


def test_a_variant_has_few_options() -> None:
    given(drafted).when(add(MUG, *((f"o{n}", "x") for n in range(11)))).refused(NumberOutOfBounds)


@pytest.mark.parametrize("base_quantity", [0, 1001])
def test_a_price_is_for_one_to_a_thousand_units(base_quantity: int) -> None:
    given(drafted).when(add(MUG, base_quantity=base_quantity)).refused(NumberOutOfBounds)


def test_a_product_has_a_hundred_variants_at_most() -> None:
    many = [added(Sku(f"S{n}"), ("size", str(n))) for n in range(MOST_VARIANTS)]
    given(drafted, *many[1:]).when(add(MUG)).then(added(MUG))
    given(drafted, *many).when(add(MUG)).refused(TooMany)
    given(drafted, *many).when(add(Sku("S7"), ("size", "7"))).then()


def test_a_variant_is_priced_from_a_time_on() -> None:
    mug = given(drafted, added(MUG))
    mug.when(price(MUG, eur(5), ONE)).then(priced(MUG, eur(5), ONE))
    sold = mug.given(priced(MUG, eur(7), TWO), priced(MUG, eur(5), ONE)).state
    assert sold.price_of(MUG, NOON) is None
    assert sold.price_of(MUG, ONE) == UnitPrice(amount=eur(5))
    assert sold.price_of(MUG, TWO - timedelta(microseconds=1)) == UnitPrice(amount=eur(5))
    assert sold.price_of(MUG, TWO) == UnitPrice(amount=eur(7))
    assert sold.price_of(CUP, TWO) is None


def test_of_two_prices_from_the_same_time_on_the_later_word_counts() -> None:
    mug = given(drafted, added(MUG), priced(MUG, eur(5), ONE))
    mug.when(price(MUG, eur(6), ONE)).then(priced(MUG, eur(6), ONE))
    assert mug.given(priced(MUG, eur(6), ONE)).state.price_of(MUG, ONE) == UnitPrice(amount=eur(6))


def test_the_same_instant_in_another_zone_is_the_same_time() -> None:
    east = ONE.astimezone(timezone(timedelta(hours=2)))
    given(drafted, added(MUG), priced(MUG, eur(5), ONE)).when(price(MUG, eur(5), east)).then()


def test_a_price_told_again_is_a_repeat() -> None:
    mug = given(drafted, added(MUG), priced(MUG, eur(5), ONE))
    mug.when(price(MUG, eur(5), ONE)).then()
    mug.when(price(MUG, eur(5), TWO)).then(priced(MUG, eur(5), TWO))


def test_fuel_is_priced_by_the_thousand() -> None:
    fuel = given(drafted, added(FUEL, base_quantity=1000), priced(FUEL, eur(349))).state
    assert fuel.price_of(FUEL, NOON) == UnitPrice(amount=eur(349), base_quantity=1000)


def test_only_a_variant_that_exists_is_priced() -> None:
    assert given(drafted, added(MUG)).when(price(CUP, eur(5))).refused(VariantNotFound).field == "sku"


def test_a_product_is_priced_in_one_currency() -> None:
    cups = given(drafted, added(MUG, BIG), added(CUP, SMALL), priced(MUG, eur(5)))
    assert cups.when(price(CUP, Money(5, "USD"))).refused(OtherCurrency).field == "price"


@pytest.mark.parametrize(
    ("money", "error"),
    [
        (eur(-1), NumberOutOfBounds),
        (eur(HIGHEST_PRICE + 1), NumberOutOfBounds),
        (Money(1, "eur"), NotACurrency),
        (Money(1, "EURO"), NotACurrency),
    ],
)
def test_a_price_is_neither_negative_nor_huge_and_has_a_currency(money: Money, error: type[NumberOutOfBounds]) -> None:
    assert given(drafted, added(MUG)).when(price(MUG, money)).refused(error).field == "price"


def test_a_gift_is_priced_at_nothing() -> None:
    given(drafted, added(MUG)).when(price(MUG, eur(0))).then(priced(MUG, eur(0)))


def test_a_price_begins_at_a_time_with_a_zone() -> None:
    local = NOON.replace(tzinfo=None)
    assert given(drafted, added(MUG)).when(price(MUG, eur(5), local)).refused(TimeWithoutZone).field == "valid_from"


def test_a_product_is_shown_when_a_variant_can_be_bought() -> None:
    mug = given(drafted, added(MUG), priced(MUG, eur(5), ONE))
    mug.when(publish(ONE)).then(published)
    mug.when(publish(NOON)).refused(NothingToSell)
    given(drafted, added(MUG)).when(publish()).refused(NothingToSell)
    given(drafted).when(publish()).refused(NothingToSell)


def test_publishing_and_unpublishing_again_change_nothing() -> None:
    mug = given(drafted, added(MUG), priced(MUG, eur(5)))
    mug.when(publish(), publish(), unpublish(), unpublish()).then(published, unpublished)
    mug.when(unpublish("")).refused(TextOutOfBounds)
    assert mug.given(published).state.is_sellable
    assert not mug.given(published, unpublished).state.is_sellable


def test_a_product_is_in_one_category() -> None:
    given(drafted).when(categorise(TEA), categorise(TEA)).then(categorised)
    assert given(drafted, categorised).state.category_id == TEA


def test_pictures_are_attached_with_words_for_those_who_cannot_see_them() -> None:
    given(drafted).when(attach(), attach()).then(attached())
    given(drafted).when(attach(alt="")).refused(TextOutOfBounds)
    given(drafted).when(attach(alt="x" * 501)).refused(TextOutOfBounds)


def test_the_words_of_a_picture_can_be_changed() -> None:
    given(drafted, attached()).when(attach(alt="Red")).then(attached(alt="Red"))
    assert given(drafted, attached(), attached(alt="Red")).state.media == (Media(IMAGE, "Red"),)


@pytest.mark.parametrize(
    "url",
    [
        "img.jpg",
        "javascript:alert(1)",
        "javascript://img.example/%0Aalert(1)",
        "data://img.example/text/html",
        "ftp://img.example/x",
        "//img.example/x",
        "https://",
        "https:///x",
        "http://[",
        "https://a b/c",
    ],
)
def test_a_picture_is_where_a_browser_can_load_it(url: str) -> None:
    assert given(drafted).when(attach(url=url)).refused(NotALink).field == "url"


def test_an_address_has_a_length() -> None:
    given(drafted).when(attach(url=IMAGE + "x" * 2_000)).refused(TextOutOfBounds)


def test_a_product_has_fifty_pictures_at_most() -> None:
    many = [attached(f"{IMAGE}?{n}") for n in range(MOST_MEDIA)]
    given(drafted, *many).when(attach()).refused(TooMany)
    given(drafted, *many).when(attach(f"{IMAGE}?7", alt="Red")).then(attached(f"{IMAGE}?7", alt="Red"))
