"""Nobody reads what they have no permission for: every field is walked, with each permission and without a token."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from domain.shared.ids import OrderId, Sku, Warehouse
from domain.staff.permissions import Permission
from domain.stock.events import StockReceived
from infra.caching.cacheability import PUBLIC as CACHED
from infra.security.order_links import SignedOrderLinks
from read_api.graphql.access import PUBLIC, access_of
from read_api.graphql.schema import schema
from tests.support.builders.catalogue import on_sale
from tests.support.builders.purchases import a_cart, bought
from tests.support.harness.permitted import PermittedTokens
from tests.support.harness.read_side import LATER, SECRET, ReadSide

EVERYBODY = {
    "node",
    "product",
    "products",
    "search",
    "autocomplete",
    "category",
    "categories",
    "me",
    "popular",
    "orderByLink",
}
NEEDS = {
    "orders": "orders fulfilment audit",
    "catalogue": "catalogue",
    "scheduledPrices": "prices",
    "promotion": "prices",
    "promotions": "prices",
    "stockLevels": "stock",
    "warehouses": "stock",
    "stock": "stock",
    "stock.unpaidHolds": "orders",
    "shipments": "fulfilment",
    "shipmentCounts": "fulfilment",
    "people": "customers",
    "sales": "analytics",
    "bestSellers": "analytics",
    "cockpit": "operations",
    "projections": "operations analytics audit",
    "history": "audit",
    "staff": "admin",
    "roles": "admin",
    "actorName": "admin",
    "apiKeys": "admin",
    "event": "audit",
    "streamState": "audit",
    "streamChanges": "audit",
    "verify": "audit",
}
"""Which permissions let a caller read what: any one of them. Written by hand, whatever the code says."""

OWN = {
    "cart": "till customers",
    "deliveryMethods": "till customers",
    "checkout": "orders fulfilment audit",
    "order": "orders fulfilment audit",
    "orderStatus": "orders fulfilment audit",
    "checkoutStatus": "orders fulfilment audit",
    "changed": "orders fulfilment audit",
}
"""Which permissions let a caller read what belongs to another."""

ARGUMENTS = {
    "node": 'id: "UHJvZHVjdDpNSUxL"',
    "product": 'sku: "MILK-1"',
    "search": 'term: "milk"',
    "autocomplete": 'text: "milk"',
    "category": 'id: "FOOD"',
    "cart": 'id: "C1"',
    "deliveryMethods": 'cart: "C1"',
    "orderByLink": f'token: "{SignedOrderLinks(SECRET).issue(OrderId("O1"), LATER)[0]}"',
    "checkout": 'id: "O1"',
    "order": 'id: "O1"',
    "promotion": 'id: "P1"',
    "actorName": 'actor: "staff:ada"',
    "stock": 'sku: "MILK-1"',
    "sales": "groupBy: DAY",
    "history": 'stream: "order-O1"',
    "event": 'stream: "order-O1", revision: 0',
    "streamState": 'stream: "order-O1"',
    "streamChanges": 'stream: "order-O1", earlier: 0, later: 0',
    "verify": 'stream: "order-O1"',
}
DEEP = 3
"""Levels of objects that a query selects below Query."""

CORE = schema._schema


class Field(NamedTuple):
    parent: str
    name: str
    declared: GraphQLField


def fields() -> Iterator[Field]:
    """Every field of every object."""
    for type_ in CORE.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            yield from (Field(type_.name, name, field) for name, field in type_.fields.items())


def roots() -> list[Field]:
    return [it for it in fields() if it.parent in ("Query", "Subscription")]


def stated(it: Field) -> Any:
    return access_of(it.declared.extensions["strawberry-definition"])


def selection(type_: Any, above: tuple[Any, ...] = ()) -> str:
    """All fields that need no arguments, and those of theirs; no object within one of its own type."""
    named = get_named_type(type_)
    if is_leaf_type(named):
        return ""
    if isinstance(named, GraphQLInterfaceType):
        return "{ id ... on Product { title } }"
    return "{ " + " ".join(selected(named, (*above, named))) + " }"


def selected(type_: Any, above: tuple[Any, ...]) -> Iterator[str]:
    yield "__typename"
    for name, field in type_.fields.items():
        named, required = get_named_type(field.type), any(map(is_required_argument, field.args.values()))
        if not required and named not in above and (len(above) < DEEP or is_leaf_type(named)):
            yield f"{name}{sized(field.args)} {selection(named, above)}".strip()


def sized(arguments: dict[str, GraphQLArgument]) -> str:
    """One of each list, so that the whole costs no more than it may."""
    return "(first: 1)" if "first" in arguments else ""


def query(it: Field) -> str:
    asked = [ARGUMENTS[it.name]] if it.name in ARGUMENTS else []
    asked += ["first: 1"] if "first" in it.declared.args else []
    arguments = f"({', '.join(asked)})" if asked else ""
    return f"{{ {it.name}{arguments} {selection(it.declared.type)} }}"


def test_every_root_field_states_who_may_read_it() -> None:
    assert [it.name for it in roots() if stated(it) is None] == []


def test_fields_state_what_they_should() -> None:
    public = {it.name for it in roots() if stated(it) == PUBLIC}
    own = {it.name: set(stated(it).permissions) for it in roots() if stated(it).own}
    needed = {it.name: set(stated(it).permissions) for it in roots() if it.name not in {*public, *own}}
    nested = {
        f"{it.parent}.{it.name}": set(stated(it).permissions) for it in fields() if it not in roots() and stated(it)
    }
    assert public == EVERYBODY
    assert own == {name: set(needs.split()) for name, needs in OWN.items()}
    assert needed | {"stock.unpaidHolds": nested.pop("Stock.unpaidHolds")} == {
        name: set(needs.split()) for name, needs in NEEDS.items()
    }
    names = {"Moment.byName", "HistoryEvent.actorName"}
    staff = set(OWN["order"].split())
    assert nested == {"Order.attention": staff, "Order.books": staff, **{it: {"admin"} for it in names}}


def test_only_fields_for_everybody_are_kept_for_everybody() -> None:
    assert EVERYBODY - {"node", "me", "orderByLink"} == CACHED


def test_the_schema_says_in_words_what_is_needed() -> None:
    assert CORE.query_type is not None
    said = {name: field.description or "" for name, field in CORE.query_type.fields.items()}
    assert said["stock"] == "Needs the permission `stock`."
    assert said["cart"] == "The caller's own, or with the permission `till` or `customers` anybody's."


@pytest.fixture
async def walked(shop: ReadSide) -> ReadSide:
    """A shop in which there is something of everything, whose tokens say what their holder may do."""
    on_sale(shop.log, "MILK", 99, title="Whole milk")
    a_cart(shop.log)
    bought(shop.log)
    shop.log.tell(StockReceived(sku=Sku("MILK-1"), warehouse=Warehouse("MAIN"), quantity=2))
    await shop.catch_up()
    shop.app.endpoint._tokens = PermittedTokens()  # type: ignore[attr-defined]
    return shop


async def refusals(shop: ReadSide, asked: str, token: str | None) -> set[tuple[str, str]]:
    """The paths that are refused, and as what. Anything else that goes wrong is a mistake of the test."""
    body = (await shop.post({"query": asked}, token=token)).json()
    errors = body.get("errors", [])
    assert {error["extensions"]["code"] for error in errors} <= {"UNAUTHENTICATED", "FORBIDDEN"}, (asked, errors)
    return {(".".join(map(str, error["path"])), error["extensions"]["code"]) for error in errors}


async def test_without_a_token_only_public_fields_are_read(walked: ReadSide) -> None:
    for it in roots():
        if it.parent == "Query":
            expected = set() if it.name in EVERYBODY else {(it.name, "UNAUTHENTICATED")}
            assert await refusals(walked, query(it), None) == expected


async def test_each_permission_reads_its_fields_and_no_others(walked: ReadSide) -> None:
    def forbidden(name: str, permission: str) -> set[tuple[str, str]]:
        return set() if name not in NEEDS or permission in NEEDS[name].split() else {(name, "FORBIDDEN")}

    for it in roots():
        if it.parent == "Query":
            for permission in ("nothing", *Permission):
                expected = forbidden(it.name, permission)
                if it.name == "stock" and not expected:
                    expected = forbidden("stock.unpaidHolds", permission)
                assert (permission, await refusals(walked, query(it), permission)) == (permission, expected)


async def test_another_persons_things_are_seen_with_the_permissions_alone(walked: ReadSide) -> None:
    things = {
        "cart": '{ thing: cart(id: "C1") { cartId } }',
        "checkout": '{ thing: checkout(id: "O1") { checkoutId } }',
        "order": '{ thing: order(id: "O1") { orderId attention } }',
    }
    nodes = {"cart": "Q2FydDpDMQ==", "checkout": "Q2hlY2tvdXQ6TzE=", "order": "T3JkZXI6TzE="}
    for name, asked in things.items():
        assert await refusals(walked, f'{{ node(id: "{nodes[name]}") {{ id }} }}', None) == {
            ("node", "UNAUTHENTICATED")
        }
        for permission in ("nothing", *Permission):
            seen = permission in OWN[name].split()
            found = await walked.ask(asked, token=permission)
            node = await walked.ask(f'{{ node(id: "{nodes[name]}") {{ id }} }}', token=permission)
            assert (name, permission, found["thing"] is not None, node["node"] is not None) == (
                name,
                permission,
                seen,
                seen,
            )


async def test_attention_is_null_without_a_permission_even_in_ones_own_order(walked: ReadSide) -> None:
    anna = replace(PermittedTokens().verify("shop"), subject="anna")
    walked.app.endpoint._tokens = type("Anna", (), {"verify": lambda _, __: anna})()  # type: ignore[attr-defined]
    assert await walked.ask('{ order(id: "O1") { orderId attention } }', token="anna") == {
        "order": {"orderId": "O1", "attention": None}
    }
