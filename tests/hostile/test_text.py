"""Text of every kind, wherever text may be given: refused with a clear problem, or stored and given back as it was."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from infra.bootstrap.write_api import write_side
from infra.settings import Settings
from tests.hostile.parts import TOKENS, bearer
from tests.support.harness.front_desk import problem, said
from tests.support.harness.read_side import ReadSide, read_side, token

STAFF = token("olga", "back_office")
JSON = {"Content-Type": "application/json"}
KEPT = {
    "SQL": "'; drop table events; --\" \\ $1 %s {0} ${jndi:x}",
    "tsquery": "mug & !(tea | <-> ':*') \\ ' :A",
    "LIKE": "100% _under_ \\% [a-z] *",
    "HTML": '<script>alert("1")</script><!-- &amp; --><img src=x onerror=1>',
    "JSON": '{"a": [1, null, "\\u0000", "\\ud800"]}, \\" \\\\ \\/',
    "right to left": "abc \u202e\u2066 cba \u200f\u200e \u2069\u061c",
    "nothing to see": "a\u200b\u200d\ufeff\u00ad\u2060\u00a0b",
    "line ends": "a\r\nb\tc\u2028d\u2029e\u0085f",
    "accents, composed or not": "\u00e9 e\u0301 \u212b \u00c5 \ufb01 \u1e9e",
    "beyond the basic plane": "\U0001f6d2 \U0001f468\u200d\U0001f469\u200d\U0001f467 \U00020000 \U0010fffd",
    "no characters": "\ufffe \uffff \ufdd0 \U0010ffff \ue000",
    "marks without end": "Z" + "\u0335\u0321" * 60,
    "other digits and spaces": "\u0661\u0662\u0663 \u3000\u2003 \uff11",
    "templates": "{{7*7}} #{7*7} <%= 7 %> `id` $(id) |cat ../../etc/passwd\\..",
    "formulas": "=cmd|' /C calc'!A0 @SUM(1) +1-1",
}
REFUSED = {
    "NUL": "a\0b",
    "a bell": "a\x07b",
    "an escape": "\x1b[31mred",
    "delete": "a\x7fb",
    "half of a pair": "a\ud800b",
    "the other half": "\udfff",
    "halves in the wrong order": "\udc00\ud800",
    "10,001 characters": "x" * 10_001,
}


@pytest.fixture
async def writing(database_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(
        data=tmp_path,
        database=database_url,
        token_secret=SecretStr(TOKENS.secret.decode()),
        vault_key=SecretStr(base64.b64encode(bytes(32)).decode()),
        webhook_secret=SecretStr("secret"),
    )
    async with write_side(settings) as app:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop", headers=bearer()) as client:
            yield client


@pytest.fixture
async def reading(database_url: str) -> AsyncIterator[ReadSide]:
    async with read_side(database_url) as shop:
        yield shop


PRODUCT = """query ($id: ID!) { product(id: $id) {
    title description brand variants { options { name value } } media { alt }
} }"""
FOUND = "query ($text: String!) { products(filter: {text: $text}) { edges { node { title } } } }"
TREE = "{ categories { name } }"


async def test_text_comes_back_as_it_was_given(writing: httpx.AsyncClient, reading: ReadSide) -> None:
    """Through a command, the log, a read model and GraphQL, as JSON in escapes and as plain UTF-8."""
    made = dict[str, str]()
    for name, text in KEPT.items():
        words = {"title": text[:200], "description": text, "brand": text[:100]}
        made[name] = (await said(await writing.post("/products", json=words), 201))["product_id"]
        page = f"/products/{made[name]}"
        options = {text[:100]: text[:100]}
        await said(await writing.post(f"{page}/variants", json={"sku": f"S{len(made)}", "options": options}), 201)
        await said(await writing.post(f"{page}/media", json={"url": "https://a.example/1", "alt": text[:500]}), 201)
        await said(await writing.post("/categories", json={"name": text[:100]}), 201)
    await reading.catch_up()
    for name, text in KEPT.items():
        product = (await reading.ask(PRODUCT, id=made[name], token=STAFF))["product"]
        assert product == {
            "title": text[:200],
            "description": text,
            "brand": text[:100],
            "variants": [{"options": [{"name": text[:100], "value": text[:100]}]}],
            "media": [{"alt": text[:500]}],
        }, name
        assert (await reading.ask(FOUND, text=text[:100], token=STAFF))["products"]["edges"] is not None
    tree = (await reading.ask(TREE))["categories"]
    assert sorted(one["name"] for one in tree) == sorted(text[:100] for text in KEPT.values())


BODIES: list[tuple[str, str, dict[str, Any], str]] = [
    ("POST", "/products", {"title": "x", "description": "x", "brand": "x"}, "description"),
    ("POST", "/products", {"title": "x"}, "title"),
    ("POST", "/categories", {"name": "x"}, "name"),
    ("POST", "/products/x/variants", {"sku": "x"}, "sku"),
    ("POST", "/products/x/media", {"url": "https://a.example", "alt": "x"}, "alt"),
    ("POST", "/products/x/media", {"url": "https://a.example", "alt": "x"}, "url"),
    ("POST", "/products/x/unpublish", {"reason": "x"}, "reason"),
    ("POST", "/carts", {"items": [{"sku": "x", "quantity": 1}]}, "items.0.sku"),
    ("POST", "/orders/x/cancel", {"reason": "x"}, "reason"),
    ("POST", "/shipments/x/dispatch", {"carrier": "x", "tracking": "x"}, "carrier"),
]


def spoilt(body: Any, path: list[str], text: str) -> Any:
    if not path:
        return text
    copy = list(body) if isinstance(body, list) else dict(body)
    key: Any = int(path[0]) if isinstance(body, list) else path[0]
    copy[key] = spoilt(body[key], path[1:], text)
    return copy


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
async def test_what_no_database_and_no_page_can_hold_is_refused_by_name(writing: httpx.AsyncClient, text: str) -> None:
    for method, path, body, field in BODIES:
        sent = json.dumps(spoilt(body, field.split("."), text))
        answer = await writing.request(method, path, content=sent, headers=JSON)
        told = problem(answer)
        assert told["status"] == 422, (path, field, told)
        assert [fault["field"] for fault in told["errors"]] == [field], (path, told)
        assert all(fault["fix"] for fault in told["errors"]), (path, told)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//a.example", 'https://a/"onload="x', "https://a b"]
)
async def test_a_picture_is_nothing_to_run(writing: httpx.AsyncClient, url: str) -> None:
    told = problem(await writing.post("/products/x/media", json={"url": url, "alt": "x"}))
    assert (told["status"], [fault["field"] for fault in told["errors"]]) == (422, ["url"])


@pytest.mark.parametrize("text", [*KEPT.values(), *REFUSED.values()], ids=[*KEPT, *REFUSED])
async def test_odd_names_in_paths_and_questions_find_nothing_and_break_nothing(
    writing: httpx.AsyncClient, reading: ReadSide, text: str
) -> None:
    escaped = "".join(f"%{byte:02X}" for byte in text[:200].encode("utf-8", "surrogatepass"))
    for path in (f"/carts/{escaped}/items", f"/orders/{escaped}/cancel", f"/{escaped}"):
        answer = await writing.post(path, json={})
        assert problem(answer)["status"] in (404, 405, 422), answer.text
    for query in (
        FOUND,
        "query ($text: ID!) { node(id: $text) { id } }",
        "query ($text: ID!) { order(id: $text) { id } }",
    ):
        body = json.dumps({"query": query, "variables": {"text": text}})
        answer = await reading.client.post(
            "/graphql", content=body, headers={**JSON, "Authorization": f"Bearer {STAFF}"}
        )
        codes = {error["extensions"]["code"] for error in answer.json().get("errors", ())}
        assert answer.status_code in (200, 400), answer.text
        assert codes <= {"BAD_USER_INPUT", "NOT_FOUND"}, answer.text
