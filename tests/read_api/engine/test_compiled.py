"""What a plan answers is what graphql-core answers, data and errors."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import msgspec
import pytest
import strawberry
from graphql import GraphQLScalarType, is_abstract_type, is_enum_type, is_list_type, is_non_null_type, is_scalar_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strawberry.schema.config import StrawberryConfig

from domain.shared.ids import Sku, Warehouse
from domain.shared.recorded import Position
from domain.stock.events import StockReceived
from infra.security.tokens import Tokens
from read_api.carts import Cart
from read_api.categories import Category
from read_api.checkouts import Checkout
from read_api.engine.plain import leaf
from read_api.engine.plans import Plans
from read_api.graphql.batching import BatchedReads
from read_api.graphql.context import Context, Info
from read_api.graphql.operation_checks import after
from read_api.graphql.relay import Connection, Node
from read_api.graphql.scalars import POSITION, WHOLE, Whole
from read_api.graphql.schema import Schema, schema
from read_api.graphql.turns import EnginesTurns
from read_api.http.endpoint import answer_of
from read_api.order_feed import OrderFeed
from read_api.orders import Order
from read_api.product_lists import ProductConnection
from read_api.products import Product
from tests.read_api.engine.arguments import RARE, SENSIBLE, VALUES
from tests.read_api.test_catalogue import grocery
from tests.support.builders.purchases import a_cart, bought
from tests.support.builders.questions import Question, questions
from tests.support.harness.read_side import (
    LATER,
    SECRET,
    NoHistory,
    NoModels,
    OpenBook,
    ReadSide,
    ports,
    read_side,
    token,
)

EVERYTHING = token("anna", "shopper", "back_office", "auditor", "analyst")
ASKERS = (None, token("anna", "shopper"), token("ben", "shopper"), *[EVERYTHING] * 7)
LAW = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def encoded(value: object) -> bytes:
    return msgspec.json.encode(value)


def plainly(body: bytes | memoryview) -> Any:
    """Errors of fields side by side come in no certain order."""
    answer = msgspec.json.decode(body)
    return {**answer, "errors": sorted(map(encoded, answer.get("errors", [])))}


async def ask_both(shop: ReadSide, text: str, variables: dict[str, Any], asker: str | None) -> bytes:
    """The answer of the API, once it was found to be that of graphql-core."""
    caller = None if asker is None else Tokens(SECRET).verify(asker)
    own = Context(shop.app.state.ports, caller, OrderFeed(shop.models), BatchedReads(shop.models), EnginesTurns())
    executed = answer_of(
        await schema.execute(text, variable_values=variables, context_value=own, operation_name="Asked")
    )
    answer = await shop.post({"query": text, "variables": variables, "operationName": "Asked"}, token=asker)
    assert (answer.status_code, plainly(answer.content)) == (executed.status_code, plainly(executed.body))
    if b'"errors"' not in answer.content:
        assert answer.content == executed.body
    return answer.content


def test_plans_answer_as_graphql_core_does(database_url: str) -> None:
    """Over rows of a real shop. What has no errors, and does not ask for the schema, is answered by a plan."""
    with asyncio.Runner() as runner:
        opened = read_side(database_url)
        shop = runner.run(opened.__aenter__())
        grocery(shop)
        shop.log.tell(StockReceived(sku=Sku("MILK-1"), warehouse=Warehouse("MAIN"), quantity=3))
        a_cart(shop.log)
        bought(shop.log)
        runner.run(shop.catch_up())
        seen = Counter[str]()

        @LAW
        @given(questions(schema._schema, VALUES, SENSIBLE), st.sampled_from(ASKERS))
        def law(question: Question, asker: str | None) -> None:
            for variables in question.variables:
                before = shop.app.state.plans.answered
                answer = runner.run(ask_both(shop, question.text, variables, asker))
                planned = shop.app.state.plans.answered > before
                assert planned == (b'"errors"' not in answer)
                seen["planned" if planned else "left"] += 1
                seen["with rows"] += planned and len(answer) > 200

        for text, variables in ((text, each) for text, asked in RARE.items() for each in asked):
            runner.run(ask_both(shop, text, variables, EVERYTHING))
        law()
        runner.run(opened.__aexit__(None, None, None))
    assert min(seen.values()) > 0, seen


def found(info: Info, name: str) -> Any:
    return cast(Any, info.context).found[name]


@strawberry.type
class Query:
    """Whatever a test has put there."""

    @strawberry.field
    async def product(self, info: Info) -> Product | None:
        return found(info, "product")  # type: ignore[no-any-return]

    @strawberry.field
    def products(self, info: Info) -> ProductConnection:
        return found(info, "products")  # type: ignore[no-any-return]

    @strawberry.field
    async def shelves(self, info: Info) -> list[list[Product]]:
        return found(info, "shelves")  # type: ignore[no-any-return]

    @strawberry.field
    def grid(self, info: Info) -> list[list[Category | None] | None]:
        return found(info, "grid")  # type: ignore[no-any-return]

    @strawberry.field
    async def node(self, info: Info) -> Node | None:
        return found(info, "node")  # type: ignore[no-any-return]

    @strawberry.field
    def orders(self, info: Info) -> Connection[Order] | None:
        return found(info, "orders")  # type: ignore[no-any-return]

    @strawberry.field
    async def cart(self, info: Info) -> Cart:
        return found(info, "cart")  # type: ignore[no-any-return]


HOLED = Schema(
    query=Query,
    types=[Product, Category, Cart, Order, Checkout],
    directives=[after],
    config=StrawberryConfig(scalar_map={Position: POSITION, Whole: WHOLE}),
)
OTHER: Mapping[str, Sequence[Any]] = {
    "String": ["text", "", 1, True],
    "ID": ["id", 7],
    "Int": [0, 1, 2**31, -(2**31), True, "1", 1.0, 1.5],
    "Whole": [0, 2**40, "1", "x"],
    "Boolean": [True, False, 1, "yes"],
    "Float": [0.5, 1],
    "DateTime": [LATER, "now"],
    "Position": [Position(1)],
    "JSON": [{"a": [1]}, "text"],
}


def things(type_: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of a type; now and then none where there has to be one, and some that are of another type."""
    if is_non_null_type(type_):
        return st.one_of(*[_certain(type_.of_type, depth)] * 15, st.none())
    return st.one_of(_certain(type_, depth), _certain(type_, depth), st.none())


def _certain(type_: Any, depth: int) -> st.SearchStrategy[Any]:
    if is_scalar_type(type_):
        values = OTHER[type_.name]
        return st.sampled_from([*[values[0]] * 20, *values])
    if is_enum_type(type_):
        return st.sampled_from([it.value for it in type_.values.values()])
    if is_list_type(type_):
        return st.one_of(
            st.lists(things(type_.of_type, depth + 1), max_size=0 if depth > 3 else 3),
            st.lists(things(type_.of_type, depth + 1), max_size=2).map(tuple),
        )
    if is_abstract_type(type_):
        return st.one_of(*(_certain(it, depth) for it in HOLED._schema.get_possible_types(type_)))
    return _objects(type_, depth)


def _objects(type_: Any, depth: int) -> st.SearchStrategy[Any]:
    """Objects of our classes whose plain fields are filled; resolvers find what they need to be missing."""
    definition = type_.extensions["strawberry-definition"]
    plain = {
        it.extensions["strawberry-definition"].python_name: it.type
        for it in type_.fields.values()
        if it.extensions["strawberry-definition"].is_basic_field
    }

    @st.composite
    def build(draw: Callable[..., Any]) -> Any:
        made = object.__new__(definition.origin)
        for name, of in plain.items():
            setattr(made, name, draw(things(of, depth + 1)))
        return made

    return build()


@pytest.mark.parametrize(("type_", "value"), [(type_, value) for type_ in OTHER for value in (*OTHER[type_], None)])
def test_every_odd_value_is_told_from_a_plain_one(type_: str, value: Any) -> None:
    scalar = cast(GraphQLScalarType, schema._schema.type_map[type_])
    complete = leaf(scalar)
    try:
        executed = None if value is None else scalar.coerce_output_value(value)
    except Exception:
        executed = None
    try:
        planned = complete(value, cast(Any, None))
    except Exception:
        planned = None
    assert (planned, type(planned)) == (executed, type(executed))


FOUND = st.fixed_dictionaries(
    {name: st.deferred(lambda it=it: things(it.type)) for name, it in HOLED._schema.query_type.fields.items()}  # type: ignore[union-attr,misc]
)


async def both_with_holes(text: str, variables: dict[str, Any], found: Mapping[str, Any], plans: Plans) -> bool:
    """Whether a plan answered; graphql-core answered the same then, without errors."""
    answers = list[Any]()
    for _ in range(2):
        context = cast(
            Any,
            Context(
                ports(NoModels(), NoHistory(), OpenBook()),
                None,
                OrderFeed(NoModels()),
                BatchedReads(NoModels()),
                EnginesTurns(),
            ),
        )
        context.found = found
        answers.append(context)
    executed = await HOLED.execute(text, variable_values=variables, context_value=answers[0])
    planned = await plans.answer(text, variables, None, answers[1])
    if executed.errors is None:
        assert planned is not None
    if planned is not None:
        assert executed.errors is None
        assert encoded(planned) == encoded(executed.data)
    return planned is not None


def test_a_plan_gives_up_where_graphql_core_finds_an_error() -> None:
    """Over objects with nulls where none may be, and values that are not of their type."""
    plans, seen = Plans(HOLED), Counter[bool]()
    with asyncio.Runner() as runner:

        @LAW
        @given(questions(HOLED._schema, VALUES), FOUND)
        def law(question: Question, found: Mapping[str, Any]) -> None:
            for variables in question.variables:
                seen[runner.run(both_with_holes(question.text, variables, found, plans))] += 1

        law()
    assert min(seen[True], seen[False]) > 10, seen
