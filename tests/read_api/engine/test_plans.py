"""Which plans are made and kept."""

from read_api.engine.lru import BoundedCache
from read_api.engine.plans import Plans
from read_api.graphql.limits import ALIASES
from tests.support.harness.read_side import Asker, token

LIST = """query ($first: Int, $more: Boolean = false) {
    products(first: $first) { edges { cursor } ...More @include(if: $more) }
} fragment More on ProductConnection { total { exact } }"""


def plans(asker: Asker) -> Plans:
    kept: Plans = asker.app.state.plans
    return kept


async def test_a_plan_is_made_for_each_choice_of_fields_and_size(empty: Asker) -> None:
    for variables in ({}, {"first": 2}, {"first": 2}, {"first": 2, "more": True}, {"first": 2, "more": False}):
        await empty.post({"query": LIST, "variables": variables})
    assert (len(plans(empty).plans), plans(empty).answered, plans(empty).left) == (3, 5, 0)


async def test_other_variables_make_no_other_plan(empty: Asker) -> None:
    for number in range(20):
        await empty.ask("query ($id: ID!) { product(id: $id) { title } }", id=str(number))
        await empty.ask("query ($at: Position!) @after(position: $at) { __typename }", at=str(number))
    assert len(plans(empty).plans) == 2


async def test_no_plan_is_made_of_what_is_too_much(empty: Asker) -> None:
    aliases = "{" + " ".join(f"a{n}: me {{ subject }}" for n in range(ALIASES + 1)) + "}"
    costly = "query ($n: Int) { products(first: $n) { edges { node { variants { options { name value } } } } } }"
    assert await empty.refused(aliases) == (400, ["QUERY_TOO_COMPLEX"])
    assert await empty.refused(costly, n=100) == (400, ["QUERY_TOO_COMPLEX"])
    assert await empty.refused(costly, n=100.0) == (400, ["QUERY_TOO_COMPLEX"])
    assert (len(plans(empty).plans), plans(empty).answered) == (0, 0)
    await empty.ask(costly, n=10)
    assert (len(plans(empty).plans), plans(empty).answered) == (1, 1)


async def test_questions_about_the_schema_are_left_to_graphql_core(empty: Asker) -> None:
    assert await empty.ask("{ __schema { queryType { name } } }") == {"__schema": {"queryType": {"name": "Query"}}}
    assert (plans(empty).answered, plans(empty).left) == (0, 1)


async def test_whoever_may_not_ask_is_told_so_whether_there_is_a_plan_or_not(empty: Asker) -> None:
    orders = "{ orders { edges { cursor } } }"
    assert await empty.ask(orders, token=token("ada", "back_office")) == {"orders": {"edges": []}}
    assert await empty.refused(orders, token=token("anna", "shopper")) == (200, ["FORBIDDEN"])
    assert await empty.refused(orders) == (200, ["UNAUTHENTICATED"])
    assert (len(plans(empty).plans), plans(empty).answered, plans(empty).left) == (1, 1, 2)


def test_what_is_kept_is_bounded_by_number_and_by_size() -> None:
    made = list[str]()
    kept = BoundedCache[str, str](most=3, characters=100, longest=60)

    def get(key: str, size: int) -> str:
        return kept.get(key, lambda: made.append(key) or key, size)  # type: ignore[func-returns-value]

    for key in ("a", "b", "c", "a", "d", "a", "b"):
        assert get(key, 10) == key
    assert (made, len(kept), kept.size) == (["a", "b", "c", "d", "b"], 3, 30)
    get("long", 60)
    get("longer", 60)
    assert (len(kept), kept.size) == (1, 60)
    get("longest", 61)
    get("longer", 60)
    assert made[5:] == ["long", "longer", "longest"]
