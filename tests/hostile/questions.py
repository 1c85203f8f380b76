"""Questions that nobody in their right mind asks: random ones out of the schema, and those made to cost too much."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from graphql import build_schema
from hypothesis import strategies as st
from hypothesis_graphql import Mode, nodes, queries

SDL = Path("read_api/graphql/schema.graphql").read_text()
SCHEMA = build_schema(SDL)
HUGE = 1_000_000
MANY = 1_000

SCALARS = {
    "Position": st.integers(0, 2**70).map(str).map(nodes.String),
    "DateTime": st.sampled_from(["2026-11-25T12:00:00Z", "0001-01-01T00:00:00Z", "now", ""]).map(nodes.String),
    "UUID": st.uuids().map(str).map(nodes.String),
}

LISTS = ("products", "orders", "carts", "stockLevels", "bestSellers", "sales")
"""Names that may be lists; those that are none are refused as unknown, which is a refusal like any other."""


def asked() -> st.SearchStrategy[str]:
    """Questions that the schema allows, and such as break it in one place."""
    good = queries(SCHEMA, custom_scalars=SCALARS)
    return good | queries(SCHEMA, custom_scalars=SCALARS, mode=Mode.NEGATIVE)


def _fragments(depth: int, width: int) -> str:
    """Each fragment spreads the next one `width` times: width ** depth fields out of a few lines."""
    levels = [f"fragment F{n} on Category {{ parent {{ {f'...F{n + 1} ' * width} }} }}" for n in range(depth)]
    return '{ category(id: "X") { ...F0 } } ' + " ".join(levels) + f" fragment F{depth} on Category {{ name }}"


def _in_a_circle(length: int) -> str:
    names = [f"fragment F{n} on Me {{ subject ...F{(n + 1) % length} }}" for n in range(length)]
    return "{ me { ...F0 } } " + " ".join(names)


def costly() -> Iterator[tuple[str, str]]:
    """Each with a name. None of them may be executed."""
    yield "1,000 aliases", "{ " + " ".join(f"a{n}: me {{ subject }}" for n in range(MANY)) + " }"
    yield "one field 1,000 times", "{ me { " + "subject " * MANY + "} }"
    yield "one field 300 times", "{ me { " + "subject " * 300 + "} }"
    yield "a fragment that spreads itself", _in_a_circle(1)
    yield "fragments in a circle", _in_a_circle(3)
    yield "a large circle", _in_a_circle(100)
    yield "depth through fragments", _fragments(20, 1)
    yield "breadth through fragments", _fragments(8, 4)
    yield "deep and broad, short", _fragments(30, 5)
    yield "deep lists", "{ " + "products { edges { node { category { " * 5 + "name " + "} } } } " * 5 + "}"
    for name in LISTS:
        yield f"first: 1000000 of {name}", f"{{ {name}(first: {HUGE}) {{ edges {{ node {{ __typename }} }} }} }}"
    yield "brackets", "{" * 100_000
    yield "lists in lists", "{ a(b: " + "[" * 40_000 + "]" * 40_000 + ") }"
    yield "objects in objects", "{ a(b: " + "{c:" * 30_000 + "1" + "}" * 30_000 + ") }"
    yield "1,000 operations", " ".join(f"query Q{n} {{ me {{ subject }} }}" for n in range(MANY))
    yield "1,000 directives", "{ me " + "@skip(if: false) " * MANY + "{ subject } }"
    yield "1,000 variables", "query (" + " ".join(f"$v{n}: Int = {n}" for n in range(MANY)) + ") { me { subject } }"
    yield (
        "overlapping fields",
        "{ "
        + "category(id: 1) { " * 10
        + "...A ...A " * 40
        + "} " * 10
        + "}"
        + (" fragment A on Category { name ...B ...B } fragment B on Category { id name }"),
    )
    yield "introspection in circles", "{ __schema { types { " + "fields { type { " * 8 + "name " + "} } " * 8 + "} } }"
    yield "a block string of 90 KB", '{ product(id: """' + "x\n" * 45_000 + '""") { title } }'
    yield "comments only", "# nothing\n" * 9_000
    yield "a name of 90 KB", "{ " + "a" * 90_000 + " }"
    yield "a number of 90 KB", "{ products(first: " + "9" * 90_000 + ") { edges { cursor } } }"


def bodies() -> Iterator[tuple[str, bytes, Mapping[str, str]]]:
    """Bodies that are no question, or too large for one, with their headers."""
    json = {"Content-Type": "application/json"}
    megabyte = b'{"query": "{ me { subject } } #' + b"x" * HUGE + b'"}'
    yield "1 MB of a comment", megabyte, json
    yield "1 MB of aliases", b'{"query": "{' + b" a: me { subject }" * 60_000 + b'}"}', json
    yield "1 MB of variables", b'{"query": "{ me { subject } }", "variables": {"a": "' + b"x" * HUGE + b'"}}', json
    yield "a batch", b"[" + b",".join([b'{"query": "{ me { subject } }"}'] * 1000) + b"]", json
    yield "a batch of one", b'[{"query": "{ me { subject } }"}]', json
    yield "an array of arrays", b"[" * 50_000 + b"]" * 50_000, json
    yield (
        "deep variables",
        b'{"query": "{ me { subject } }", "variables": {"a": ' + b"[" * 40_000 + b"]" * 40_000 + b"}}",
        json,
    )
    yield "half a surrogate", b'{"query": "{ product(id: \\"\\ud800\\") { title } }"}', json
    yield (
        "a surrogate in a variable",
        b'{"query": "query ($i: ID) { product(id: $i) { title } }", "variables": {"i": "\\udfff"}}',
        json,
    )
    yield "a surrogate in a name", b'{"query": "{ me { subject } }", "operationName": "\\ud800"}', json
    yield "a surrogate in a key", b'{"query": "{ me { subject } }", "variables": {"\\ud800": 1}}', json
    yield "not UTF-8", b'{"query": "\xff\xfe"}', json
    yield "UTF-16", '{"query": "{ me { subject } }"}'.encode("utf-16"), json
    yield "compressed", b"\x1f\x8b\x08\x00", {**json, "Content-Encoding": "gzip"}
    yield "a form", b"query=%7Bme%7Bsubject%7D%7D", {"Content-Type": "application/x-www-form-urlencoded"}
    yield (
        "an upload",
        b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{}\r\n--x--',
        {"Content-Type": "multipart/form-data; boundary=x"},
    )
    yield (
        "an integer of 50 KB",
        b'{"query": "query ($n: Int) { me { subject } }", "variables": {"n": ' + b"9" * 50_000 + b"}}",
        json,
    )
    yield "nothing", b"", json
