"""What a question may not ask for, and how it is told so."""

import time

import pytest
from graphql import get_introspection_query

from http_edge.bodies import LARGEST
from read_api.graphql.limits import ALIASES, DEPTH
from read_api.graphql.relay import Cursors
from tests.read_api.test_orders import ORDER
from tests.support.harness.read_side import Asker, token

ANNA = token("anna", "shopper")


FACETS = " fragment F on SearchConnection { total { atLeast } facets { brands { brand count } } }"


def nested(levels: int) -> str:
    return '{ category(id: "X") ' + "{ parent " * levels + "{ name }" + "}" * levels + "}"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param(nested(DEPTH), "QUERY_TOO_COMPLEX", id="depth"),
        pytest.param("{ me { ...A } } fragment A on Me { subject ...A }", "GRAPHQL_VALIDATION_FAILED", id="circle"),
        pytest.param(
            "{ me { ...A } } fragment A on Me { ...B } fragment B on Me { ...A }",
            "GRAPHQL_VALIDATION_FAILED",
            id="circle of two",
        ),
        pytest.param(
            "{" + " ".join(f"a{n}: me {{ subject }}" for n in range(ALIASES + 1)) + "}",
            "QUERY_TOO_COMPLEX",
            id="aliases",
        ),
        pytest.param("{ me {" + "subject " * 300 + "} }", "QUERY_TOO_COMPLEX", id="repeats"),
        pytest.param(
            "{ me { subject } }" + " # \n fragment F on Me { subject }" * 500, "GRAPHQL_PARSE_FAILED", id="tokens"
        ),
        pytest.param("{" + "me {" * 300 + "subject" + "}" * 301, "GRAPHQL_PARSE_FAILED", id="deep parse"),
        pytest.param(
            "{ products(first: 100) { edges { node { variants { options { name value } } } } } }",
            "QUERY_TOO_COMPLEX",
            id="cost",
        ),
        pytest.param(
            "{ products { edges { node { category { children { children { children { name } } } } } } } }",
            "QUERY_TOO_COMPLEX",
            id="cost of lists in lists",
        ),
        pytest.param(
            "{" + " ".join(f"a{n}: __schema {{ types {{ name }} }}" for n in range(11)) + "}",
            "QUERY_TOO_COMPLEX",
            id="introspection again and again",
        ),
        pytest.param(
            "{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }",
            "GRAPHQL_VALIDATION_FAILED",
            id="introspection in circles",
        ),
        pytest.param("{" + " ".join(f"a{n}: search {{ ...F }}" for n in range(7)) + "}" + FACETS, "QUERY_TOO_COMPLEX"),
        pytest.param(
            "{" + " ".join(f"a{n}: products(first: 1) {{ total {{ exact }} }}" for n in range(30)) + "}", "ok"
        ),
        pytest.param(
            "{"
            + " ".join(f"a{n}: products(filter: {{minPrice: {n}}}) {{ total {{ exact }} }}" for n in range(30))
            + "}",
            "QUERY_TOO_COMPLEX",
            id="filters",
        ),
        pytest.param("{ nothing }", "GRAPHQL_VALIDATION_FAILED", id="unknown field"),
        pytest.param("{ me { ", "GRAPHQL_PARSE_FAILED", id="syntax"),
        pytest.param("", "BAD_USER_INPUT", id="empty"),
        pytest.param("mutation { buy }", "BAD_USER_INPUT", id="mutation"),
        pytest.param('subscription { orderStatus(id: "O1") { status } }', "BAD_USER_INPUT", id="subscription"),
        pytest.param("fragment A on Me { subject }", "BAD_USER_INPUT", id="no operation"),
        pytest.param('{ product(id: "a\\u0000b") { title } }', "BAD_USER_INPUT", id="NUL"),
        pytest.param("query ($first: Int) { products(first: $first) { total { exact } } }", "ok", id="fine"),
        pytest.param(nested(DEPTH - 2), "ok", id="just deep enough"),
        pytest.param(get_introspection_query(), "ok", id="introspection"),
    ],
)
async def test_what_is_too_much_is_a_bad_request(empty: Asker, query: str, code: str) -> None:
    began = time.process_time()
    answer = await empty.post({"query": query})
    assert time.process_time() - began < 1
    codes = {error["extensions"]["code"] for error in answer.json().get("errors", [])}
    assert (answer.status_code, codes) == ((200, set()) if code == "ok" else (400, {code}))


async def test_sizes_in_variables_cost_too(empty: Asker) -> None:
    query = "query ($n: Int = 100) { products(first: $n) { edges { node { variants { options { name value } } } } } }"
    assert await empty.refused(query) == (400, ["QUERY_TOO_COMPLEX"])
    assert await empty.refused(query, n=50) == (400, ["QUERY_TOO_COMPLEX"])
    assert await empty.ask(query, n=10) == {"products": {"edges": []}}


@pytest.mark.parametrize(
    "arguments",
    [
        "first: 0",
        "first: -1",
        "first: 101",
        "first: 1000000",
        "last: 101",
        "first: 1, last: 1",
        'after: "nonsense"',
        'after: ""',
        'after: "💥"',
        f'after: "{Cursors("orders", str, str).write(("a", "b"))}"',
        f'after: "{Cursors("products by title", int, str).write((1, "b"))}"',
        f'after: "{Cursors("products by title", str, str).write(("a", chr(0)))}"',
        f'before: "{Cursors("products by price", int, str).write((1, "b"))}"',
        f'sort: CHEAPEST, before: "{Cursors("products by price", int, str).write((2**63, "b"))}"',
        f'filter: {{text: "{"a" * 101}"}}',
    ],
)
async def test_arguments_that_make_no_sense_are_refused(empty: Asker, arguments: str) -> None:
    assert await empty.refused(f"{{ products({arguments}) {{ edges {{ cursor }} }} }}") == (200, ["BAD_USER_INPUT"])


@pytest.mark.parametrize("it", ["x", "", "UHJvZHVjdA==", "TW9uZXk6MQ=="])
async def test_a_node_has_a_global_id(empty: Asker, it: str) -> None:
    assert await empty.refused("query ($it: ID!) { node(id: $it) { id } }", it=it) == (200, ["BAD_USER_INPUT"])


async def test_a_null_where_a_default_let_a_variable_be_nullable_is_the_askers_fault(empty: Asker) -> None:
    query = 'query ($it: ID = "1") { category(id: $it) { name } }'
    assert await empty.refused(query, it=None) == (200, ["BAD_USER_INPUT"])


async def test_odd_text_is_no_text(empty: Asker) -> None:
    query = "query ($it: ID) { product(id: $it) { title } }"
    assert await empty.refused(query, it="a\0b") == (400, ["BAD_USER_INPUT"])
    surrogate = await empty.client.post(
        "/graphql",
        content=b'{"query": "query ($it: ID) { product(id: $it) { title } }", "variables": {"it": "\\ud800"}}',
        headers={"Content-Type": "application/json"},
    )
    assert surrogate.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b'[{"query": "{ me { subject } }"}]',
        b'{"query": 1}',
        b'{"variables": {}}',
        b'{"query": "{ me { subject } }", "variables": []}',
        b"\xff\xfe",
        b'{"query": "{ me { subject } }", "variables": {"a": ' + b"[" * 5000 + b"]" * 5000 + b"}}",
    ],
)
async def test_a_body_that_is_no_question_is_a_bad_request(empty: Asker, body: bytes) -> None:
    answer = await empty.client.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    codes = {error["extensions"]["code"] for error in answer.json()["errors"]}
    assert answer.status_code == 400
    assert codes <= {"BAD_USER_INPUT", "QUERY_TOO_COMPLEX"}


async def test_a_large_body_is_not_read(empty: Asker) -> None:
    whole = await empty.post({"query": "#" + "x" * 1_000_000})

    async def dripping() -> object:
        for _ in range(11):
            yield b"x" * (LARGEST // 10)

    parts = await empty.client.post("/graphql", content=dripping(), headers={"Content-Type": "application/json"})  # type: ignore[arg-type]
    for answer in (whole, parts):
        assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
        assert answer.json() == {
            "type": "about:blank",
            "title": "Request Entity Too Large",
            "status": 413,
            "detail": "Send at most 100000 bytes.",
        }


async def test_a_usual_screen_passes_the_limits(empty: Asker) -> None:
    assert await empty.ask(ORDER, id="NONE", token=ANNA) == {"order": None}
    screen = """{ products(first: 100) { total { atLeast } pageInfo { endCursor } edges { cursor node {
        id title brand price { amount currency formatted } media { url alt } category { name }
    } } } }"""
    assert (await empty.ask(screen))["products"]["edges"] == []
