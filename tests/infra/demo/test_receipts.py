"""Every oddity of the data, with exact values."""

from datetime import datetime

from infra.demo.dataset import Basket, Line, Product
from infra.demo.prices import ListPrice
from infra.demo.receipts import Oddity, Receipt, Sale, Till

CRISPS, PETROL, STRANGER, LOOSE = 1, 2, 3, 4
TILL = Till.knowing(
    {CRISPS: ListPrice(250), PETROL: ListPrice(240, 1000), STRANGER: ListPrice(100), LOOSE: ListPrice(99)},
    [
        Product(CRISPS, 7, "GROCERY", "National", "BAG SNACKS", "POTATO CHIPS", "5 OZ"),
        Product(PETROL, 7, "FUEL", "National", "FUEL", "GASOLINE-REG UNLEADED", None),
        Product(LOOSE, 7, "MISCELLANEOUS", "National", None, None, None),
    ],
)


def line(product: int, quantity: int, value: int, retail_disc: int = 0, coupon_match_disc: int = 0) -> Line:
    return Line(product, quantity, value, retail_disc, coupon_match_disc)


def receipt(*lines: Line) -> Receipt:
    return TILL.receipt(Basket(1, 2, 3, datetime(2017, 1, 1), lines))  # noqa: DTZ001 - the data names no zone


def sales(*lines: Line) -> tuple[Sale, ...]:
    return receipt(*lines).sales


def test_a_plain_line_is_sold_at_the_list_price_without_a_reason() -> None:
    assert receipt(line(CRISPS, 2, 500)) == Receipt(
        receipt(line(CRISPS, 2, 500)).basket, (Sale("1", 2, 500, None),), {}
    )


def test_a_discount_is_the_reason_of_the_price() -> None:
    assert sales(line(CRISPS, 1, 200, 50)) == (Sale("1", 1, 200, "Loyalty card price"),)
    assert sales(line(CRISPS, 1, 200, 0, 50)) == (Sale("1", 1, 200, "Matched coupon"),)
    assert sales(line(CRISPS, 1, 200, 20, 30)) == (Sale("1", 1, 200, "Loyalty card price and matched coupon"),)
    assert sales(line(CRISPS, 1, 260)) == (Sale("1", 1, 260, "Shelf price of the day"),)


def test_neither_quantity_nor_value_is_no_sale() -> None:
    assert receipt(line(CRISPS, 0, 0), line(CRISPS, 1, 250)).sales == (Sale("1", 1, 250, None),)
    assert receipt(line(CRISPS, 0, 0), line(CRISPS, 1, 250)).oddities == {Oddity.NO_SALE: 1}


def test_a_value_without_quantity_is_one_unit() -> None:
    assert sales(line(CRISPS, 0, 261)) == (Sale("1", 1, 261, "Shelf price of the day"),)
    assert receipt(line(CRISPS, 0, 261)).oddities == {Oddity.NO_QUANTITY: 1}


def test_a_line_without_value_is_given_away() -> None:
    assert sales(line(CRISPS, 3, 0, 750)) == (Sale("1", 3, 0, "Given away"),)
    assert receipt(line(CRISPS, 3, 0), line(CRISPS, 1, 250)).oddities == {Oddity.FREE: 1}


def test_a_line_that_is_no_whole_number_of_cents_per_unit_keeps_its_value() -> None:
    assert sales(line(CRISPS, 3, 500)) == (Sale("1", 3, 500, "Shelf price of the day"),)
    assert receipt(line(CRISPS, 3, 500)).oddities == {Oddity.PART_CENTS: 1}


def test_petrol_is_priced_by_the_thousand() -> None:
    assert sales(line(PETROL, 10_000, 2_400)) == (Sale("2", 10_000, 2_400, None),)
    assert receipt(line(PETROL, 10_393, 2_494)).sales == (Sale("2", 10_393, 2_494, None),)
    assert receipt(line(PETROL, 10_393, 2_494)).oddities == {Oddity.THOUSANDTHS: 1, Oddity.PART_CENTS: 1}
    assert receipt(line(PETROL, 52, 12)).oddities == {Oddity.FEW_THOUSANDTHS: 1, Oddity.PART_CENTS: 1}


def test_a_product_that_the_file_does_not_know_is_sold_all_the_same() -> None:
    assert sales(line(STRANGER, 1, 816)) == (Sale("3", 1, 816, "Shelf price of the day"),)
    assert receipt(line(STRANGER, 1, 816)).oddities == {Oddity.UNKNOWN_PRODUCT: 1}


def test_a_product_without_a_category_is_counted() -> None:
    assert receipt(line(LOOSE, 1, 99)).oddities == {Oddity.NO_CATEGORY: 1}


def test_a_basket_in_which_nothing_was_sold_makes_no_order() -> None:
    assert receipt(line(CRISPS, 0, 0)).sales == ()
    assert receipt(line(CRISPS, 0, 0)).oddities == {Oddity.NO_SALE: 1, Oddity.EMPTY_BASKET: 1}


def test_a_basket_that_costs_nothing_is_an_order_of_zero() -> None:
    assert receipt(line(CRISPS, 1, 0)).total == 0
    assert receipt(line(CRISPS, 1, 0)).oddities == {Oddity.FREE: 1, Oddity.FREE_BASKET: 1}
