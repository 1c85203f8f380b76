"""The schema that clients build on."""

import re
from pathlib import Path
from typing import Any

from graphql import introspection_from_schema, is_non_null_type, specified_scalar_types

from process_managers.checkout import state
from read_api.checkouts import CheckoutPhase
from read_api.graphql.schema import COMMITTED, schema


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    """After a change: python -m read_api.graphql.schema."""
    assert COMMITTED.read_text() == schema.as_str() + "\n"


def own_scalars() -> dict[str, Any]:
    """What a client learns of the scalars that GraphQL itself does not have, by introspection."""
    types = introspection_from_schema(schema._schema, specified_by_url=True)["__schema"]["types"]
    return {it["name"]: it for it in types if it["kind"] == "SCALAR" and it["name"] not in specified_scalar_types}


def test_every_scalar_is_built_in_or_says_how_it_is_written() -> None:
    """A client that is generated from the schema knows nothing else of it."""
    own = own_scalars()
    assert set(own) >= {"Position", "Whole", "DateTime", "Date", "UUID", "JSON"}
    assert [name for name in own if not re.match("https://", own[name]["specifiedByURL"] or "")] == []
    assert [name for name in own if not own[name]["description"]] == []


def test_the_documents_map_every_scalar_for_typescript() -> None:
    (mapping,) = re.findall(r"^  scalars: \{(.*)\}", Path("docs/queries.md").read_text(), re.MULTILINE)
    assert set(re.findall(r"(\w+): \"(?:string|number|unknown)\"", mapping)) == set(own_scalars())


def test_each_root_field_may_be_null_so_that_one_refusal_leaves_the_others() -> None:
    core = schema._schema
    assert core.query_type is not None
    assert [name for name, it in core.query_type.fields.items() if is_non_null_type(it.type)] == []


def test_each_phase_of_a_checkout_has_a_name() -> None:
    phases = {CheckoutPhase(phase).name for phase in state.CheckoutPhase}
    assert phases == {phase.name for phase in state.CheckoutPhase}
    assert {it.name for it in CheckoutPhase} == phases | {"OTHER"}
    assert CheckoutPhase("one of tomorrow") is CheckoutPhase.OTHER
