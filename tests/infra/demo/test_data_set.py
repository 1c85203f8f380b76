"""The real files: what is in them, and that nothing of it is lost on the way."""

from collections import Counter
from datetime import datetime

import pytest

from domain.category.decider import category_decider
from infra.demo.catalogue import Catalogue, catalogue, department_id
from infra.demo.dataset import UNKNOWN, Basket, DataSet, Line, the_complete_journey
from infra.demo.prices import measured
from infra.demo.receipts import Oddity, Till


@pytest.fixture(scope="module")
def data() -> DataSet:
    return the_complete_journey()


@pytest.fixture(scope="module")
def shelves(data: DataSet) -> Catalogue:
    return catalogue(data)


def test_the_oldest_basket_comes_first(data: DataSet) -> None:
    assert list(data.baskets(0, 1)) == [
        Basket(31198570044, 900, 330, datetime(2017, 1, 1, 11, 53, 26), (Line(1095275, 1, 50, 0, 0),))  # noqa: DTZ001
    ]


def test_baskets_go_on_where_the_last_ones_ended(data: DataSet) -> None:
    assert [*data.baskets(0, 3), *data.baskets(3, 2)] == list(data.baskets(0, 5))
    assert list(data.baskets(data.basket_count(), 5)) == []


def test_every_product_has_its_place_and_a_price(shelves: Catalogue) -> None:
    places = {category.category_id for category in shelves.categories}
    assert len(shelves.entries) == 92_331 + 3
    assert len(places) == len(shelves.categories) == 4_254
    assert min(entry.price.cents for entry in shelves.entries) == 1
    assert {command.category_id for e in shelves.entries for command in e.on_product()[3:4]} <= places  # type: ignore[attr-defined]


def test_the_tree_is_one_that_the_shop_accepts(shelves: Catalogue) -> None:
    tree = category_decider.initial
    for command in shelves.categories:
        tree = category_decider.replay(category_decider.decide(tree, command), since=tree)
    roots = {category.category_id for category in shelves.categories if category.parent_id is None}
    assert len(tree.nodes) == 4_254
    assert roots == {department_id(entry.product.department) for entry in shelves.entries}
    assert len(roots) == 32 + 1


def test_only_petrol_is_counted_in_thousandths(data: DataSet, shelves: Catalogue) -> None:
    kinds = {entry.product.product_type for entry in shelves.entries if entry.price.base_quantity == 1000}
    assert len(measured(data)) == 24
    assert kinds == {"GASOLINE-REG UNLEADED"}


def test_a_year_of_receipts_keeps_every_cent_and_names_every_oddity(data: DataSet, shelves: Catalogue) -> None:
    departments = {entry.key: entry.product.department for entry in shelves.entries}
    till = Till.knowing(shelves.prices(), data.all_products())
    oddities, revenue, units = Counter[Oddity](), Counter[str](), Counter[str]()
    for basket in data.baskets(0, data.basket_count()):
        receipt = till.receipt(basket)
        oddities.update(receipt.oddities)
        for sale in receipt.sales:
            revenue[departments[sale.sku]] += sale.total
            units[sale.sku] += sale.quantity

    assert oddities == {
        Oddity.NO_SALE: 8_840,
        Oddity.NO_QUANTITY: 29,
        Oddity.FREE: 2_406,
        Oddity.UNKNOWN_PRODUCT: 4_836,
        Oddity.NO_CATEGORY: 2_209,
        Oddity.PART_CENTS: 44_595,
        Oddity.THOUSANDTHS: 13_494,
        Oddity.FEW_THOUSANDTHS: 26,
        Oddity.EMPTY_BASKET: 328,
        Oddity.FREE_BASKET: 150,
    }
    assert sum(revenue.values()) == 459_603_958
    assert revenue[UNKNOWN] == 17_257
    assert +revenue == +Counter(data.value_by_department(0, data.basket_count()))
    assert all(units[entry.key] <= entry.units for entry in shelves.entries)
