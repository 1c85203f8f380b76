"""Answers from plans. All limits hold before a plan is made, and the plans that are kept are few."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLSchema, OperationDefinitionNode, OperationType, get_operation_ast
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues
from strawberry import Schema

from read_api.engine.arguments import variables_of
from read_api.engine.lru import BoundedCache
from read_api.engine.plan import Compiler, NotCompiled, Plan
from read_api.engine.variables import deciding
from read_api.graphql.context import Context
from read_api.graphql.documents import Prepared, prepared
from read_api.graphql.limits import Costs
from read_api.graphql.operation_checks import wanted_position
from read_api.graphql.text import check_text


@dataclass(frozen=True, slots=True)
class Operation:
    """One query of a document; `deciding` names the variables that make another plan of it."""

    node: OperationDefinitionNode
    deciding: tuple[str, ...]
    coerced: Callable[[Mapping[str, Any]], VariableValues | None]


@dataclass(slots=True)
class Plans:
    """The plans of a schema. `answered` and `left` count the queries that plans answered, and those they did not."""

    schema: Schema
    operations: BoundedCache[tuple[str, str | None], Operation | None] = field(default_factory=BoundedCache)
    plans: BoundedCache[Hashable, Plan | None] = field(default_factory=BoundedCache)
    answered: int = 0
    left: int = 0

    async def answer(
        self, query: str, given: dict[str, Any] | None, name: str | None, context: Context
    ) -> dict[str, Any] | None:
        """The data of an answer without errors; None for what is to be executed: it says what is wrong, if anything."""
        try:
            data = await self._answer(query, given or {}, name, context)
        except Exception:
            data = None
        if data is None:
            self.left += 1
        else:
            self.answered += 1
        return data

    async def _answer(
        self, query: str, given: dict[str, Any], name: str | None, context: Context
    ) -> dict[str, Any] | None:
        core = self.schema._schema
        ready = prepared(core, query)
        operation = self.operations.get((query, name), lambda: _operation(core, ready, name), len(query))
        if operation is None:
            return None
        check_text(given)
        variables = operation.coerced(given)
        if variables is None:
            return None
        key = (query, name, *[variables.coerced.get(it) for it in operation.deciding])
        plan = self.plans.get(key, lambda: self._plan(ready, operation, variables, given), len(query))
        if plan is None:
            return None
        if operation.node.directives:
            context.after = wanted_position(core, operation.node, variables)
        return await plan.answer(context, variables)

    def _plan(
        self, ready: Prepared, operation: Operation, variables: VariableValues, given: dict[str, Any]
    ) -> Plan | None:
        """Raises TooComplex."""
        Costs(self.schema._schema, ready.fragments, operation.node, given).check()
        fragments = {name: FragmentDetails(fragment) for name, fragment in ready.fragments.items()}
        try:
            return Compiler(self.schema, fragments, operation.node, variables).plan()
        except NotCompiled:
            return None


def _operation(core: GraphQLSchema, ready: Prepared, name: str | None) -> Operation | None:
    """None for what is no valid query."""
    node = get_operation_ast(ready.document, name)
    if ready.errors or node is None or node.operation is not OperationType.QUERY:
        return None
    return Operation(node, deciding([node.selection_set, *ready.fragments.values()]), variables_of(core, node))
