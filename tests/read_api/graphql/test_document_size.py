"""Documents that are too large are seen before they are parsed, and no other ones."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from graphql import DocumentNode, GraphQLError, Lexer, Source, TokenKind, get_introspection_query, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from read_api.graphql.document_size import _TOKEN, size_fault
from read_api.graphql.limits import LONGEST_DOCUMENT, TOKENS
from tests.support.harness.read_side import Asker

PIECES = [
    *("{", "}", "(", ")", "[", "]", "...", ":", "$", "@", "!", "&", "|", "=", " ", ",", "\n", "\ufeff"),
    *("name", "_x1", "-1", "0", "1.5e+3", "true", "# a comment\n", '# "\n', '# """\n'),
    *('""', '"a"', '"a\\"b"', '"\\\\"', '"#"', '""""""', '"""a"""', '"""a " "" b"""', '"""a \\""" b"""'),
    *('"""\n# no comment\n"""', '"""\\"""', '"""\\\\"""'),
]


def tokens(text: str) -> int:
    """As graphql-core counts them. Raises GraphQLError."""
    lexer, count = Lexer(Source(text)), 0
    while lexer.advance().kind is not TokenKind.EOF:
        count += 1
    return count


@settings(max_examples=2_000, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))
def test_tokens_are_counted_as_the_parser_counts_them(text: str) -> None:
    try:
        expected = tokens(text)
    except GraphQLError:
        return
    assert sum(1 for found in _TOKEN.finditer(text) if found.lastindex) == expected


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (get_introspection_query(), True),
        ("{" + "a " * (TOKENS - 2) + "}", True),
        ("{" + "a " * (TOKENS - 1) + "}", False),
        ("{ a }" + " " * (LONGEST_DOCUMENT - 5), True),
        ("{ a }" + " " * (LONGEST_DOCUMENT - 4), False),
        ("# nothing\n" * 1_500 + "{ a }", True),
    ],
)
def test_both_sizes_have_a_limit(text: str, fits: bool) -> None:
    assert (size_fault(text) is None) == fits


@pytest.mark.parametrize(
    "large",
    ["{" + "a " * 5_000 + "}", "{" + "a " * 45_000 + "}", "{ a(b: " + '"' + "x" * 90_000],
    ids=["tokens", "both", "long"],
)
async def test_a_document_that_is_too_large_is_never_parsed(
    empty: Asker, monkeypatch: pytest.MonkeyPatch, large: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("It was parsed.")

    for module in ("strawberry.schema.schema", "read_api.graphql.documents"):
        monkeypatch.setattr(f"{module}.parse", refuse)
    status, codes = await empty.refused(large)
    assert (status, codes) in ((400, ["GRAPHQL_PARSE_FAILED"]), (400, ["QUERY_TOO_COMPLEX"]))


async def test_a_document_that_is_no_query_is_parsed_once(empty: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = list[str]()

    def counted(text: str, **options: Any) -> DocumentNode:
        parsed.append(text)
        return parse(text, **options)

    monkeypatch.setattr("read_api.graphql.documents.parse", counted)
    monkeypatch.setattr("strawberry.schema.schema.parse", counted)
    for _ in range(3):
        assert await empty.refused("{ not a query") == (400, ["GRAPHQL_PARSE_FAILED"])
    assert parsed == ["{ not a query"]


def quickly(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


@pytest.mark.parametrize("piece", ['"', "\\", '"""', '"\\', 'a\n"', '""" \\', "#", '{a:"""'])
def test_no_text_makes_the_count_slow(piece: str) -> None:
    text = piece * (LONGEST_DOCUMENT // len(piece))
    assert min(quickly(lambda: size_fault(text)) for _ in range(3)) < 0.1
