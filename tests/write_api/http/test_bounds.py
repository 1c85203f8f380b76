"""The bounds in the OpenAPI document are those of the domain: neither promises what the other refuses."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from domain.cart.commands import AddItem, AgreePrice, Offer, OpenCart
from domain.cart.decider import cart_decider
from domain.category.commands import CreateCategory
from domain.category.decider import category_decider
from domain.person.commands import ForgetPerson
from domain.person.decider import person_decider
from domain.product.commands import AddVariant, AttachMedia, DraftProduct, PriceVariant, Unpublish
from domain.product.decider import product_decider
from domain.shared.decider import Decider
from domain.shared.errors import Conflict, Invalid
from domain.shared.ids import CartId, CategoryId, CustomerId, ProductId, Sku, Warehouse
from domain.shared.pricing import UnitPrice
from domain.stock.commands import AdjustStock, ReceiveStock, SetBackorderLimit
from domain.stock.decider import stock_decider
from tests.support.builders.for_sale import NOON, usd
from tests.support.harness.front_desk import desk

SCHEMAS: dict[str, Any] = desk().app.openapi()["components"]["schemas"]

MUG, MAIN, CART, PRODUCT = Sku("MUG"), Warehouse("MAIN"), CartId("C1"), ProductId("P1")
BOUNDS = ("maximum", "minimum", "maxLength", "maxItems", "maxProperties")


def told(decider: Decider[Any, Any, Any], *commands: object) -> None:
    state = decider.initial
    for command in commands:
        state = decider.replay(decider.decide(state, command), since=state)


def draft(**fields: str) -> None:
    told(product_decider, DraftProduct(**{"product_id": PRODUCT, "title": "Mug", **fields}))  # type: ignore[arg-type]


def on_product(*commands: object) -> None:
    told(product_decider, DraftProduct(product_id=PRODUCT, title="Mug"), *commands)


def variant(**fields: Any) -> None:
    on_product(AddVariant(**{"product_id": PRODUCT, "sku": MUG, **fields}))


def priced(amount: int) -> None:
    price = PriceVariant(product_id=PRODUCT, sku=MUG, price=usd(amount), valid_from=NOON)
    on_product(AddVariant(product_id=PRODUCT, sku=MUG), price)


def media(**fields: str) -> None:
    on_product(AttachMedia(**{"product_id": PRODUCT, "url": "https://a.example/", "alt": "A mug", **fields}))  # type: ignore[arg-type]


def in_cart(quantity: int, *more: object) -> None:
    """Of what is priced by the thousand, the largest base quantity that there is."""
    price = UnitPrice(amount=usd(100), base_quantity=1_000)
    offer = Offer(sku=MUG, product_id=PRODUCT, category_id=None, title="Mug", unit_price=price)
    opened = OpenCart(cart_id=CART, owner=CustomerId("anna"), currency="USD", at=NOON)
    told(cart_decider, opened, AddItem(cart_id=CART, offer=offer, quantity=quantity, at=NOON), *more)


def agreed(amount: int = 1, reason: str = "x") -> None:
    in_cart(1, AgreePrice(cart_id=CART, sku=MUG, total=usd(amount), reason=reason, at=NOON))


def adjusted(delta: int) -> None:
    received = [ReceiveStock(sku=MUG, warehouse=MAIN, quantity=10**9)] if delta < 0 else []
    told(stock_decider, *received, AdjustStock(sku=MUG, warehouse=MAIN, delta=delta, reason="x"))


def forgotten(subject: str = "x", reason: str = "x") -> None:
    told(person_decider, ForgetPerson(subject=subject, reason=reason, at=NOON))


WITHIN: dict[tuple[str, str], Callable[[Any], None]] = {
    ("Description", "title"): lambda text: draft(title=text),
    ("Description", "description"): lambda text: draft(description=text),
    ("Description", "brand"): lambda text: draft(brand=text),
    ("NewVariant", "base_quantity"): lambda number: variant(base_quantity=number),
    ("NewVariant", "options"): lambda number: variant(options=tuple((f"o{n}", "x") for n in range(number))),
    ("Price", "amount"): priced,
    ("NewMedia", "url"): lambda text: media(url="https://a.example/".ljust(len(text), "x")),
    ("NewMedia", "alt"): lambda text: media(alt=text),
    ("Because", "reason"): lambda text: on_product(Unpublish(product_id=PRODUCT, reason=text)),
    ("Item", "quantity"): in_cart,
    ("NewQuantity", "quantity"): in_cart,
    ("Amount", "amount"): agreed,
    ("Agreement", "reason"): lambda text: agreed(reason=text),
    ("NewCategory", "name"): lambda text: told(
        category_decider, CreateCategory(category_id=CategoryId("c"), name=text, parent_id=None)
    ),
    ("Receipt", "quantity"): lambda n: told(stock_decider, ReceiveStock(sku=MUG, warehouse=MAIN, quantity=n)),
    ("Adjustment", "delta"): adjusted,
    ("BackorderLimit", "limit"): lambda n: told(stock_decider, SetBackorderLimit(sku=MUG, warehouse=MAIN, limit=n)),
    ("Forgetting", "subject"): lambda text: forgotten(subject=text),
    ("Forgetting", "reason"): lambda text: forgotten(reason=text),
}
"""What the domain says of a value in a field of a body."""


def bounds() -> Iterator[tuple[str, str, str, int]]:
    for schema, name in WITHIN:
        field = SCHEMAS[schema]["properties"][name]
        for bound in BOUNDS:
            if bound in field:
                yield schema, name, bound, field[bound]


def value(bound: str, number: int) -> Any:
    return "x" * number if bound == "maxLength" else number


@pytest.mark.parametrize(("schema", "name", "bound", "number"), list(bounds()))
def test_the_domain_takes_the_last_value_within_a_bound_and_not_the_next(
    schema: str, name: str, bound: str, number: int
) -> None:
    decide = WITHIN[schema, name]
    decide(value(bound, number))
    with pytest.raises((Invalid, Conflict)):
        decide(value(bound, number - 1 if bound == "minimum" else number + 1))


def test_every_number_has_a_bound_on_both_sides() -> None:
    unbounded = [
        (schema, name)
        for schema, it in SCHEMAS.items()
        for name, field in it.get("properties", {}).items()
        if field.get("type") == "integer" and not {"minimum", "maximum"} <= set(field)
    ]
    assert unbounded == [(schema, name) for schema, name in unbounded if name in ("revision", "status")]


def test_a_quantity_says_how_much_is_sold_by_the_piece() -> None:
    for schema in ("Item", "NewQuantity"):
        assert "so 1,000 of what is sold by the piece" in SCHEMAS[schema]["properties"]["quantity"]["description"]
