"""Whatever is asked of the read API: an answer or a refusal, never our fault; and what costs too much is not begun."""

import json
import time

import pytest
from hypothesis import HealthCheck, given, seed, settings

from tests.hostile.questions import asked, bodies, costly
from tests.support.harness.read_side import Asker, ReadSide, token

EVERYBODY = token("anna", "shopper", "back_office", "warehouse", "till", "analyst", "auditor")
JSON = {"Content-Type": "application/json"}
DEAR = 0.5
HEADERS = {"Authorization": f"Bearer {EVERYBODY}"}


async def answered(shop: Asker, body: bytes, headers: dict[str, str]) -> tuple[int, set[str]]:
    """Status and error codes of an answer that is never our fault."""
    answer = await shop.client.post("/graphql", content=body, headers={**HEADERS, **headers})
    codes = {error["extensions"]["code"] for error in answer.json().get("errors", ())}
    assert answer.status_code < 500, answer.text
    assert "INTERNAL_ERROR" not in codes, answer.text
    return answer.status_code, codes


@seed(20261125)
@settings(
    max_examples=150,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(query=asked())
async def test_no_question_out_of_the_schema_makes_us_fail(shop: ReadSide, query: str) -> None:
    status, codes = await answered(shop, json.dumps({"query": query}).encode(), JSON)
    assert status == 200 or codes


@pytest.mark.parametrize("query", [pytest.param(query, id=name) for name, query in costly()])
async def test_a_question_that_costs_too_much_is_refused_cheaply_and_nothing_is_looked_up(
    closed: Asker, query: str
) -> None:
    """It takes some 15 ms of processor time at most; the bound is for machines with more to do."""
    body, began = json.dumps({"query": query}).encode(), time.thread_time()
    status, codes = await answered(closed, body, JSON)
    assert time.thread_time() - began < DEAR
    assert status == 413 or codes


@pytest.mark.parametrize(
    ("body", "headers"), [pytest.param(body, headers, id=name) for name, body, headers in bodies()]
)
async def test_a_body_that_is_no_question_is_refused_cheaply(
    closed: Asker, body: bytes, headers: dict[str, str]
) -> None:
    began = time.thread_time()
    status, _ = await answered(closed, body, headers)
    assert time.thread_time() - began < DEAR
    assert status in (400, 413, 415)


async def test_a_look_up_would_be_noticed(closed: Asker) -> None:
    with pytest.raises(AssertionError, match="INTERNAL_ERROR"):
        await answered(closed, b'{"query": "{ categories { name } }"}', JSON)


async def test_what_comes_after_a_thousand_refusals_is_answered_as_before(shop: ReadSide) -> None:
    usual = json.dumps({"query": "{ me { subject } categories { name } }"}).encode()
    before = await shop.client.post("/graphql", content=usual, headers={**HEADERS, **JSON})
    for n in range(20):
        for _, query in costly():
            await answered(shop, json.dumps({"query": f"{query} #{n}"}).encode(), JSON)
    after = await shop.client.post("/graphql", content=usual, headers={**HEADERS, **JSON})
    assert (after.status_code, after.json()) == (200, before.json())
