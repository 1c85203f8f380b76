"""The operations of the pages fit the schema of the read API, and leave it room."""

from importlib.resources import files

import pytest
from graphql import build_schema, get_operation_ast, parse, validate

import read_api.graphql.limits
from read_api.graphql.limits import COST, Costs, check_shape, fragments_of
from read_api.graphql.schema import schema
from web.api.read import operation

NAMES = sorted(it.name.removesuffix(".graphql") for it in (files("web") / "operations").iterdir())
COMMITTED = build_schema((files("read_api") / "graphql" / "schema.graphql").read_text())


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_an_operation_is_valid_and_costs_less_than_half_of_what_is_allowed(
    name: str, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_api.graphql.limits, "COST", COST // 2)
    document = parse(operation(name, after=after))
    assert validate(COMMITTED, document) == []
    check_shape(document)
    node = get_operation_ast(document, None)
    assert node is not None
    assert ("@after" in operation(name, after=after)) == after
    Costs(schema._schema, fragments_of(document), node, {}).check()
