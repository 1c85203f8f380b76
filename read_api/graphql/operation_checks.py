"""What every operation has to pass before it runs, whether a plan answers it or graphql-core."""

from collections.abc import Iterator
from typing import Any

import strawberry
from graphql import DirectiveLocation, GraphQLSchema, OperationDefinitionNode, get_operation_ast
from graphql.execution.values import VariableValues, get_directive_values, get_variable_values
from strawberry.extensions import SchemaExtension
from strawberry.types.execution import ExecutionResult, StreamExecutionResult
from strawberry.types.graphql import OperationType

from domain.shared.recorded import Position
from read_api.graphql.context import Context
from read_api.graphql.documents import Prepared, prepared, refusal
from read_api.graphql.errors import BadUserInput, ReadError, presented
from read_api.graphql.limits import TOKENS, Costs
from read_api.graphql.scalars import position_of
from read_api.graphql.text import check_text


@strawberry.directive(
    locations=[DirectiveLocation.QUERY],
    name="after",
    description="Answer from read models that have come at least as far as this position, or with the error STALE.",
)
def after(position: Position) -> None:
    """The gate takes it from the operation; no field is touched."""


class OperationChecks(SchemaExtension):
    """Parses, validates and measures an operation, and takes in the position it wants to see."""

    _prepared: Prepared | None = None

    def on_operation(self) -> Iterator[None]:
        self.execution_context.parse_options["max_tokens"] = TOKENS
        yield

    def on_parse(self) -> Iterator[None]:
        operation = self.execution_context
        if operation.query:
            self._prepared = prepared(operation.schema._schema, operation.query)
            operation.graphql_document = self._prepared.document
        yield

    def on_validate(self) -> Iterator[None]:
        assert self._prepared is not None
        errors = list(self._prepared.errors)
        if not errors:
            try:
                self._admit(self._prepared)
            except (ReadError, RecursionError) as error:
                errors = [refusal(error)]
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
        check_text(variables)
        node = get_operation_ast(ready.document, operation.operation_name)
        assert node is not None
        Costs(schema, ready.fragments, node, variables).check()
        if node.directives:
            values = get_variable_values(schema, node.variable_definitions or (), variables)
            context.after = None if isinstance(values, list) else wanted_position(schema, node, values)


def wanted_position(schema: GraphQLSchema, node: OperationDefinitionNode, values: VariableValues) -> Position | None:
    """What `@after` says. Variables that do not fit are refused when the operation runs."""
    directive = schema.get_directive("after")
    assert directive is not None
    found: dict[str, Any] | None = get_directive_values(directive, node, values)
    return position_of(found["position"]) if found else None
