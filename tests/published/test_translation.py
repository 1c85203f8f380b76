"""What facts mean to others, and what others never hear."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from domain.product.events import (
    ProductDescribed,
    ProductDiscontinued,
    ProductDrafted,
    ProductPublished,
    ProductUnpublished,
    VariantAdded,
    VariantPriced,
)
from domain.shared.ids import OrderId, ProductId, Sku, Warehouse
from domain.shared.money import Money
from domain.stock.events import ReservationExtended, StockReceived, StockReserved
from published import values
from published.products import DatedPrice, Offer, Option, Published, Withdrawn
from published.stock import LevelChanged
from published.translation import ALONE, HEARD, WHOLE
from tests.support.builders.golden import examples

AT = datetime(2026, 11, 25, tzinfo=UTC)
MUG, BLUE, MAIN = ProductId("p-1"), Sku("MUG-BLUE"), Warehouse("MAIN")
drafted = ProductDrafted(product_id=MUG, title="A mug", description="Holds tea.", brand="Kiln")
added = VariantAdded(product_id=MUG, sku=BLUE, options=(("colour", "blue"),), base_quantity=1)
priced = VariantPriced(product_id=MUG, sku=BLUE, price=Money(1250, "USD"), valid_from=AT)
published = ProductPublished(product_id=MUG)
PRIVATE = ("customer_id", "address", "subject", "ciphertext", "tracking", "reason", "gateway_ref", "method")


def told(*facts: Any) -> list[Any]:
    """What each of these facts of one stream means to others."""
    decider, tell = WHOLE[type(facts[0])]
    state, messages = decider.initial, []
    for fact in facts:
        state = decider.evolve(state, fact)
        messages.append(tell(fact, state))
    return messages


def test_nobody_hears_of_a_product_before_it_is_on_sale() -> None:
    assert told(drafted, added, priced) == [None, None, None]


def test_a_published_product_is_told_whole_and_told_again_when_it_reads_otherwise() -> None:
    price = DatedPrice(valid_from=AT, price=values.Money(amount=1250, currency="USD"))
    offer = Offer(sku="MUG-BLUE", options=(Option(name="colour", value="blue"),), base_quantity=1, prices=(price,))
    whole = Published(
        product_id="p-1",
        title="A mug",
        description="Holds tea.",
        brand="Kiln",
        category_id=None,
        offers=(offer,),
        media=(),
    )
    described = ProductDescribed(product_id=MUG, title="The mug", description="Holds tea.", brand="Kiln")
    otherwise = replace(whole, title="The mug")
    assert told(drafted, added, priced, published, described)[-2:] == [whole, otherwise]


@pytest.mark.parametrize(
    ("fact", "for_good"),
    [
        (ProductUnpublished(product_id=MUG, reason="recalled"), False),
        (ProductDiscontinued(product_id=MUG, reason="old"), True),
    ],
)
def test_a_product_that_is_taken_off_sale_is_withdrawn(fact: Any, for_good: bool) -> None:
    assert told(drafted, added, priced, published, fact)[-1] == Withdrawn(product_id="p-1", for_good=for_good)


def test_stock_is_told_as_a_level_whenever_that_moves() -> None:
    received = StockReceived(sku=BLUE, warehouse=MAIN, quantity=10)
    reserved = StockReserved(sku=BLUE, warehouse=MAIN, order_id=OrderId("o"), quantity=4, expires_at=AT)
    extended = ReservationExtended(sku=BLUE, warehouse=MAIN, order_id=OrderId("o"), expires_at=AT)
    assert told(received, reserved, extended) == [
        LevelChanged(place="MUG-BLUE@MAIN", sku="MUG-BLUE", warehouse="MAIN", on_hand=10, available=10),
        LevelChanged(place="MUG-BLUE@MAIN", sku="MUG-BLUE", warehouse="MAIN", on_hand=10, available=6),
        None,
    ]


@pytest.mark.parametrize(
    "fact", [fact for kind in ALONE for fact in examples(kind)], ids=lambda fact: type(fact).__name__
)
def test_no_message_holds_what_a_fact_says_of_a_person(fact: Any) -> None:
    """Values of golden examples begin with the name of their field."""
    message = ALONE[type(fact)](fact)
    words = msgspec.json.encode(message).decode() if message is not None else ""
    assert [name for name in PRIVATE if f'"{name}' in words] == []


def test_carts_and_journals_stay_in_the_house() -> None:
    assert {kind.__module__.split(".")[1] for kind in HEARD} == {"product", "stock", "order", "payment", "shipment"}
