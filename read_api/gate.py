"""What every operation has to pass before it runs; what does not depend on variables is found out once a document."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import strawberry
from graphql import (
    DirectiveLocation,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    StringValueNode,
    Visitor,
    get_operation_ast,
    parse,
    validate,
    visit,
)
from graphql.execution.values import get_directive_values, get_variable_values
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types.execution import ExecutionResult, StreamExecutionResult
from strawberry.types.graphql import OperationType

from domain.shared.recorded import Position
from read_api.context import Context
from read_api.errors import BadUserInput, ReadError, presented
from read_api.limits import DIGITS, TOKENS, Costs, check_shape, fragments_of
from read_api.values import position_of

DOCUMENTS = 256
ERRORS = 10
"""Of a document, before we stop to look for more: each costs time, as names like the wrong one are looked for."""


@strawberry.directive(
    locations=[DirectiveLocation.QUERY],
    name="after",
    description="Answer from read models that have come at least as far as this position, or with the error STALE.",
)
def after(position: Position) -> None:
    """The gate takes it from the operation; no field is touched."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document and what is wrong with it."""

    document: DocumentNode
    fragments: dict[str, FragmentDefinitionNode]
    errors: tuple[GraphQLError, ...] = ()


@lru_cache(maxsize=DOCUMENTS)
def prepared(schema: GraphQLSchema, rules: Any, text: str) -> Prepared:
    """Raises GraphQLSyntaxError, RecursionError."""
    document = parse(text, max_tokens=TOKENS)
    fragments = fragments_of(document)
    try:
        check_shape(document)
        visit(document, _CleanValues())
        complete = (*rules, MaybeNullValidationRule, OneOfInputValidationRule)
        return Prepared(document, fragments, tuple(validate(schema, document, complete, max_errors=ERRORS)))
    except (ReadError, RecursionError) as error:
        return Prepared(document, fragments, (_error(error),))


def _error(error: ReadError | RecursionError) -> GraphQLError:
    return GraphQLError(str(error), original_error=error)


def _check_text(value: Any) -> None:
    """No text holds a NUL or half of a surrogate pair, which PostgreSQL and UTF-8 do not know. Raises BadUserInput."""
    match value:
        case str():
            if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
                raise BadUserInput("A text holds a character that is none (NUL or half of a surrogate pair).")
        case dict():
            _check_text(list(value.values()))
        case list():
            for item in value:
                _check_text(item)


class _CleanValues(Visitor):
    def enter_string_value(self, node: StringValueNode, *_: object) -> None:
        _check_text(node.value)

    def enter_int_value(self, node: IntValueNode, *_: object) -> None:
        """Python refuses to read numbers of thousands of digits (CVE-2020-10735)."""
        if len(node.value) > DIGITS:
            raise BadUserInput(f"A number has {len(node.value)} digits; {DIGITS} are allowed.")


class Gate(SchemaExtension):
    """Parses, validates and measures an operation, and takes in the position it wants to see."""

    _prepared: Prepared | None = None

    def on_operation(self) -> Iterator[None]:
        self.execution_context.parse_options["max_tokens"] = TOKENS
        yield

    def on_parse(self) -> Iterator[None]:
        operation = self.execution_context
        try:
            if operation.query:
                self._prepared = prepared(operation.schema._schema, operation.validation_rules, operation.query)
                operation.graphql_document = self._prepared.document
        except (GraphQLError, RecursionError):
            operation.graphql_document = None  # parsed again, where such errors are expected
        yield

    def on_validate(self) -> Iterator[None]:
        assert self._prepared is not None
        errors = list(self._prepared.errors)
        if not errors:
            try:
                self._admit(self._prepared)
            except (ReadError, RecursionError) as error:
                errors = [_error(error)]
        self.execution_context.pre_execution_errors = errors
        yield

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        if isinstance(result, ExecutionResult) and result.errors:
            result.errors = presented(result.errors)
        yield

    def _admit(self, ready: Prepared) -> None:
        operation, context = self.execution_context, self.execution_context.context
        assert isinstance(context, Context)
        if context.is_socket and operation.operation_type is not OperationType.SUBSCRIPTION:
            raise BadUserInput("The socket is for subscriptions. Send queries by POST.")
        schema, variables = operation.schema._schema, operation.variables or {}
        _check_text(variables)
        node = get_operation_ast(ready.document, operation.operation_name)
        assert node is not None
        Costs(schema, ready.fragments, node, variables).check()
        if node.directives:
            context.after = _position(schema, node, variables)


def _position(schema: GraphQLSchema, node: OperationDefinitionNode, variables: dict[str, Any]) -> Position | None:
    """What `@after` says. Variables that do not fit are refused when the operation runs."""
    values = get_variable_values(schema, node.variable_definitions or (), variables)
    if isinstance(values, list):
        return None
    directive = schema.get_directive("after")
    assert directive is not None
    found = get_directive_values(directive, node, values)
    return position_of(found["position"]) if found else None
