"""Whatever is sent, wherever: the answer is never our fault."""

import json
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.builders.for_sale import put_on_sale
from tests.support.harness.front_desk import Desk, desk, problem

SHOP = desk()
DOCUMENT: dict[str, Any] = SHOP.app.openapi()
WITH_BODY = [
    (method, path, DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["examples"][0])
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if "requestBody" in operation
    for schema in [operation["requestBody"]["content"]["application/json"]["schema"]]
]

odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.sampled_from([0, 1, -1, 10**12, 10**30, "", " ", "\0", "\ud800", "ß" * 300, "MUG", "USD", "null", [], {}, [[]]]),
    st.text(max_size=20),
    st.text(st.characters(categories=["Cs", "Cc", "Lu"]), max_size=5),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=3),
)
names = st.sampled_from(["MUG", "product-of-MUG", "x", "a%00b", "%ED%A0%80", "..", "%2e%2e", "é", "a b", "x" * 101])


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict):
        found += [inner for key in value for inner in places(value[key], (*path, key))]
    if isinstance(value, list):
        found += [inner for n in range(len(value)) for inner in places(value[n], (*path, n))]
    return found


def changed(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    if not path:
        return other
    copy = value.copy()
    copy[path[0]] = changed(value[path[0]], path[1:], other)
    return copy


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, str, bytes]:
    """A request that is right but for a place or two."""
    method, path, body = draw(st.sampled_from(WITH_BODY))
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.sampled_from(places(body)))
        value = draw(odd)
        body = changed(body, place, value)
    if isinstance(body, dict) and draw(st.booleans()):
        body = {**body, draw(st.text(max_size=5)): draw(odd)}
    while "{" in path:
        path = path[: path.index("{")] + draw(names) + path[path.index("}") + 1 :]
    return method, path, json.dumps(body).encode()


async def anybody(shop: Desk) -> httpx.AsyncClient:
    if not shop.store.log:
        await put_on_sale(shop.handler)
    return shop.client("anna", "shopper", "back_office", "warehouse", "till")


def is_answered_well(answer: httpx.Response) -> bool:
    if answer.status_code < 300 and answer.request.url.path.startswith("/auth/"):
        return "counterfoil-position" not in answer.headers
    if answer.status_code < 300:
        return bool(answer.headers["counterfoil-position"] == answer.json()["position"])
    return 400 <= answer.status_code < 500 and problem(answer)["status"] == answer.status_code


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spoilt())
async def test_no_body_makes_us_fail(request: tuple[str, str, bytes]) -> None:
    method, path, body = request
    async with await anybody(SHOP) as client:
        answer = await client.request(method, path, content=body, headers={"Content-Type": "application/json"})
    assert is_answered_well(answer), answer.text


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(WITH_BODY),
    st.binary(max_size=40) | st.text(max_size=40).map(lambda text: json.dumps(text).encode()),
    st.sampled_from(["Idempotency-Key", "Correlation-Id", "traceparent", "Content-Type", "Content-Length"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40),
)
async def test_no_bytes_and_no_headers_make_us_fail(
    operation: tuple[str, str, Any], body: bytes, name: str, value: str
) -> None:
    method, path, _ = operation
    path = path.replace("{", "").replace("}", "")
    async with await anybody(SHOP) as client:
        sent = httpx.Headers({"Content-Type": "application/json", name: value}, encoding="latin-1")
        answer = await client.request(method, path, content=body, headers=sent)
    assert is_answered_well(answer), answer.text
