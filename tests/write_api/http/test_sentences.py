"""What is wrong with a request is said in sentences for people, whatever is wrong."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from tests.write_api.http.test_odd_input import DOCUMENT, changed, places
from tests.write_api.http.test_openapi import bodies
from write_api.http.fields import Body
from write_api.http.validation_errors import OTHERWISE, PATTERNS, Fault, faults_of

ODD: list[Any] = [
    *(
        None,
        True,
        -1,
        10**30,
        1.5,
        "",
        "\0",
        "\ud800",
        "ß" * 20_000,
        "a b",
        "x@example.com",
        [],
        {},
        [[]],
        ["MUG"] * 300,
    ),
    *("2026-12-01T00:00:00", "0001-01-01T00:00:00+14:00", {"\0": 1}, {f"n{n}": "x" for n in range(20)}),
]
SENTENCE = re.compile(r"[A-Z][^^\\{}]*\.")


def spoilt() -> Iterator[tuple[type[Body], Any]]:
    for kind in bodies():
        extra: Any = kind.model_config["json_schema_extra"]
        (example,) = extra["examples"]
        yield from ((kind, changed(example, place, odd)) for place in places(example) for odd in ODD)
        yield from ((kind, {name: it for name, it in example.items() if name != left}) for left in example)
        yield kind, {**example, "more": 1}


def faults(kind: type[Body], body: Any) -> list[Fault]:
    try:
        TypeAdapter(kind).validate_python(body)
    except ValidationError as error:
        return faults_of([{**it, "loc": ("body", *it["loc"])} for it in error.errors()])
    return []


def test_every_fault_of_every_body_is_said_in_sentences() -> None:
    found = [fault for kind, body in spoilt() for fault in faults(kind, body)]
    assert len(found) > 1_000
    said = {(fault.reason, fault.fix or "") for fault in found}
    assert {both for both in said if not all(SENTENCE.fullmatch(sentence) for sentence in both)} == set()
    assert OTHERWISE not in said
    assert {both for both in said if re.search("should|pattern|validation|Input", " ".join(both))} == set()


def patterns(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(pattern := value.get("pattern"), str):
            yield pattern
        for inner in value.values():
            yield from patterns(inner)
    if isinstance(value, list):
        for inner in value:
            yield from patterns(inner)


@pytest.mark.parametrize("pattern", sorted(set(patterns(DOCUMENT["components"]["schemas"]))))
def test_every_form_of_a_text_is_explained(pattern: str) -> None:
    assert pattern in PATTERNS
