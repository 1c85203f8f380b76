"""What surrounds GraphQL: tokens, problems, headers, health, GraphiQL."""

import re
from datetime import timedelta

import pytest

from domain.shared.errors import NotFound
from infra.security.tokens import Tokens
from projections.engine.ports import BeingRebuilt, StorageUnavailable
from read_api.http.graphiql import SCRIPT
from tests.support.harness.read_side import SECRET, Asker, NoModels, token

ME = {"query": "{ me { subject roles } }"}


async def test_a_token_says_who_asks(empty: Asker) -> None:
    answer = await empty.post(ME, token=token("anna", "shopper", "analyst"))
    assert answer.json() == {"data": {"me": {"subject": "anna", "roles": ["analyst", "shopper"]}}}


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer forged",
        "Bearer ",
        "Basic YTpi",
        "Bearer " + Tokens(b"another secret of thirty-two bytes!!").issue("anna", ["back_office"], timedelta(hours=1)),
        "Bearer " + Tokens(SECRET).issue("anna", ["back_office"], timedelta(hours=-1)),
    ],
)
async def test_a_token_that_proves_nothing_is_refused(empty: Asker, authorization: str) -> None:
    answer = await empty.client.post("/graphql", json=ME, headers={"Authorization": authorization})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.json()["title"] == "Unauthorized"


async def test_only_json_is_understood(empty: Asker) -> None:
    answer = await empty.client.post("/graphql", content="{ me }", headers={"Content-Type": "application/graphql"})
    assert (answer.status_code, answer.headers["content-type"]) == (415, "application/problem+json")


async def test_browsers_get_graphiql(empty: Asker) -> None:
    answer = await empty.client.get("/graphql", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "GraphiQL" in answer.text


async def test_everything_that_graphiql_loads_comes_from_here(empty: Asker) -> None:
    page = (await empty.client.get("/graphql")).text
    parts = re.findall(r'(?:src|href)="([^"]+)"', page)
    answers = [await empty.client.get(part) for part in parts]
    assert [answer.status_code for answer in answers] == [200] * 6
    assert all(part.startswith("/graphql/assets/") for part in parts)


async def test_no_other_file_can_be_had_that_way(empty: Asker) -> None:
    answer = await empty.client.get("/graphql/assets/..%2F__init__.py")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_the_first_question_of_graphiql_has_an_answer(empty: Asker) -> None:
    question = SCRIPT.split("`;")[0].split("const QUESTION = `")[1].replace("\\`", "`")
    answer = await empty.client.post("/graphql", json={"query": question})
    assert answer.json() == {"data": {"products": {"edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}}


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/graphql", 405)])
async def test_what_is_not_there_is_a_problem_document(empty: Asker, method: str, path: str, status: int) -> None:
    answer = await empty.client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


async def test_answers_carry_careful_headers(empty: Asker) -> None:
    for answer in (
        await empty.client.get("/health/live"),
        await empty.client.get("/nowhere"),
        await empty.client.get("/graphql/assets/start.js"),
        await empty.post(ME),
        await empty.post(ME, token="forged"),
        await empty.post({"query": "{ nonsense }"}),
        await empty.client.post("/graphql", content=b"x" * 100_001, headers={"Content-Type": "application/json"}),
    ):
        assert {name: answer.headers.get_list(name) for name in CAREFUL} == {
            name: [value] for name, value in CAREFUL.items()
        }


async def test_the_page_says_what_it_needs_and_no_other_page_frames_it(empty: Asker) -> None:
    page = await empty.client.get("/graphql", headers={"Accept": "text/html"})
    (policy,) = page.headers.get_list("content-security-policy")
    said = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert (said["default-src"], said["script-src"], said["connect-src"]) == ("'none'", "'self'", "'self'")
    assert [said[name] for name in ("frame-ancestors", "base-uri", "form-action")] == ["'none'"] * 3
    assert {**CAREFUL, "content-security-policy": policy} == {name: page.headers[name] for name in CAREFUL}


CAREFUL = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
}


async def test_health_tells_whether_the_read_models_can_be_read(empty: Asker, no_models: NoModels) -> None:
    assert (await empty.client.get("/health/live")).status_code == 204
    assert (await empty.client.get("/health/ready")).status_code == 204
    no_models.failure = StorageUnavailable()
    answer = await empty.client.get("/health/ready")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert (await empty.client.get("/health/live")).status_code == 204


async def test_faults_of_ours_are_masked(empty: Asker, no_models: NoModels, capsys: pytest.CaptureFixture[str]) -> None:
    no_models.failure = ZeroDivisionError("a secret detail")
    answer = await empty.post({"query": "{ categories { name } }"})
    assert (answer.status_code, answer.json()["data"]) == (200, {"categories": None})
    (error,) = answer.json()["errors"]
    assert (error["message"], error["path"], error["extensions"]) == (
        "Something went wrong on our side.",
        ["categories"],
        {"code": "INTERNAL_ERROR"},
    )
    assert "a secret detail" in capsys.readouterr().out
    outside = await empty.client.get("/health/ready")
    assert (outside.status_code, outside.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in outside.text
    assert {name: outside.headers.get_list(name) for name in CAREFUL} == {
        name: [value] for name, value in CAREFUL.items()
    }


async def test_a_missing_database_is_told_as_such(empty: Asker, no_models: NoModels) -> None:
    for failure in (StorageUnavailable(), NotFound("No read model is called category_tree.")):
        no_models.failure = failure
        assert await empty.refused("{ categories { name } }") == (200, ["UNAVAILABLE"])


@pytest.mark.parametrize(
    ("share", "told"), [(0.614, "61% of it are there"), (None, "It waits for somebody to look after it")]
)
async def test_a_read_model_that_is_made_anew_is_named_with_the_time_to_come_back(
    empty: Asker, no_models: NoModels, share: float | None, told: str
) -> None:
    no_models.failure = BeingRebuilt("category_tree", share)
    answer = await empty.post({"query": "{ categories { name } }"})
    assert (answer.status_code, answer.headers["retry-after"]) == (200, "5")
    (error,) = answer.json()["errors"]
    assert error["message"] == f"category_tree is being made anew after an upgrade. {told}. Ask again in 5 s."
    assert error["extensions"] == {"code": "REBUILDING", "model": "category_tree", "retryAfter": 5}
