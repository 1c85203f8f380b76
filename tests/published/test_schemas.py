"""What is promised to readers, and that every promise is kept."""

import json
from copy import deepcopy
from itertools import combinations
from typing import Any

import avro.schema
import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType

from infra.kafka.schemas import avro_schema, json_schema, revisions
from published.message import Kind
from published.registry import KINDS

EACH_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)


def readable(reader: dict[str, Any], writer: dict[str, Any]) -> bool:
    """Whether who knows `reader` can read what `writer` wrote (Avro 1.12, schema resolution)."""
    new, old = (avro.schema.parse(json.dumps(schema)) for schema in (reader, writer))
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    found = checker.get_compatibility(new, old)
    return bool(found.compatibility is SchemaCompatibilityType.compatible)


@EACH_KIND
def test_the_last_committed_schema_is_the_one_that_is_published(kind: Kind) -> None:
    """After a change: python -m infra.kafka.schemas."""
    assert revisions(kind, "avsc")[-1] == avro_schema(kind)
    assert revisions(kind, "json")[-1] == json_schema(kind)


@EACH_KIND
def test_every_schema_reads_what_all_earlier_ones_wrote(kind: Kind) -> None:
    """A change that fails here is a new kind of message: give it a new name, `....v2`, and publish both for a while."""
    committed = revisions(kind, "avsc")
    assert [(old, new) for old, new in combinations(committed, 2) if not readable(new, old)] == []
    required = [set(schema["required"]) for schema in revisions(kind, "json")]
    assert [new - old for old, new in combinations(required, 2) if not new <= old] == []


def test_the_comparison_sees_an_incompatible_change() -> None:
    old = avro_schema(KINDS["order.placed.v1"])
    wider, narrower, otherwise = deepcopy(old), deepcopy(old), deepcopy(old)
    wider["fields"].append({"name": "channel", "type": ["null", "string"], "default": None})
    narrower["fields"].append({"name": "channel", "type": "string"})
    otherwise["fields"][0]["type"] = "long"
    assert [readable(new, old) for new in (wider, narrower, otherwise)] == [True, False, False]
