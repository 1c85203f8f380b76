"""`@after`: a reader may ask to see at least what they wrote."""

import asyncio

import pytest

from read_api.graphql import context
from tests.support.builders.catalogue import category
from tests.support.harness.read_side import Asker, ReadSide

QUERY = "query ($p: Position!) @after(position: $p) { categories { name } }"


async def test_a_position_that_is_reached_changes_nothing(shop: ReadSide) -> None:
    category(shop.log, "Food")
    position = await shop.catch_up()
    assert await shop.ask(QUERY, p=str(position)) == {"categories": [{"name": "Food"}]}
    assert await shop.ask(QUERY.replace("$p)", f'"{position}")').replace("($p: Position!) ", "")) == {
        "categories": [{"name": "Food"}]
    }


async def test_a_reader_waits_for_what_they_wrote(shop: ReadSide) -> None:
    category(shop.log, "Food")
    position = await shop.catch_up()
    asked = asyncio.ensure_future(shop.ask(QUERY, p=str(position + 1)))
    await shop.ask("{ categories { name } }")
    assert not asked.done()
    category(shop.log, "Wine")
    await shop.catch_up()
    assert await asked == {"categories": [{"name": "Food"}, {"name": "Wine"}]}


async def test_a_reader_is_told_how_far_the_read_models_are(shop: ReadSide, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "PATIENCE", 0.01)
    category(shop.log, "Food")
    position = await shop.catch_up()
    answer = await shop.post(
        {
            "query": """query ($p: Position!) @after(position: $p) {
                categories { name } products { total { exact } } me { subject }
            }""",
            "variables": {"p": position + 7},
        }
    )
    assert answer.status_code == 200
    assert answer.json()["data"] == {"categories": None, "products": None, "me": None}
    reached = [{"name": "category_tree", "position": "1"}, {"name": "product_catalogue", "position": "1"}]
    errors = {error["path"][0]: error["extensions"] for error in answer.json()["errors"]}
    assert errors == {key: {"code": "STALE", "wanted": "8", "reached": reached} for key in ("categories", "products")}


@pytest.mark.parametrize("position", ["x", "", "-1", "1.5", str(2**63), None, [1]])
async def test_a_position_is_a_position(empty: Asker, position: object) -> None:
    status, codes = await empty.refused(QUERY, p=position)
    assert status == 400
    assert set(codes) <= {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}
