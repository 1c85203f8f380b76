"""A query made into functions, so that asking it again costs little more than reading what it asks for.

A selection becomes a function from an object of ours to a dict of the answer: for each key, what reads the field and
what checks and shapes its value. graphql-core collects the fields, so fragments, aliases, type conditions, @skip and
@include are its business, once; the resolvers are those of the schema.

A plan makes no errors. When a resolver raises, a null stands where none may, or a value is not of its type, the plan
gives up, and graphql-core executes the query from the start and says what was wrong.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from graphql import (
    GraphQLAbstractType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    OperationDefinitionNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues
from strawberry import Schema
from strawberry.types.field import StrawberryField
from strawberry.types.nodes import SelectedField, Selection

from read_api.engine.arguments import arguments_of
from read_api.engine.codegen import Read, Writer
from read_api.engine.plain import NotPlain, exact_class, items, leaf

DEFINITION = "strawberry-definition"


class NotCompiled(Exception):
    """Something is asked for that no plan answers, such as the schema."""


@dataclass(slots=True)
class ResolverInfo:
    """What the resolvers see of `strawberry.Info`; of the selected fields only the names."""

    context: Any
    selected_fields: list[SelectedField]


class PendingField(NamedTuple):
    """A value that is still to come, and where it goes."""

    value: Awaitable[Any]
    complete: "Function"
    into: dict[str, Any]
    key: str


@dataclass(slots=True)
class Run:
    """One answer in the making."""

    context: object
    variables: VariableValues
    late: list[PendingField] = field(default_factory=list)


Function = Callable[[Any, Run], Any]
"""Reads: from an object to the value of a field. Completes: from the value of a field to JSON. Raises NotPlain."""

Later = Callable[[Any, Run, dict[str, Any]], None]
"""Reads a field whose value may be still to come, and puts it into the dict now or leaves it to the run."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A query with certain values in its directives."""

    root: Function

    async def answer(self, context: object, variables: VariableValues) -> dict[str, Any]:
        """The data. Whatever it raises means that the query is to be executed."""
        run = Run(context, variables)
        try:
            data: dict[str, Any] = self.root(None, run)
            while run.late:
                late, run.late = run.late, []
                for (_, complete, into, key), value in zip(late, await _all([it.value for it in late]), strict=True):
                    into[key] = complete(value, run)
        finally:
            for it in run.late:
                if asyncio.iscoroutine(it.value):
                    it.value.close()
        return data


async def _all(awaitables: list[Awaitable[Any]]) -> list[Any]:
    """Side by side; when one fails, the others of ours are given up."""
    if len(awaitables) == 1:
        return [await awaitables[0]]
    futures = [asyncio.ensure_future(it) for it in awaitables]
    try:
        return await asyncio.gather(*futures)
    except BaseException:
        for future, it in zip(futures, awaitables, strict=True):
            if future is not it:
                future.cancel()
        raise


@dataclass(frozen=True, slots=True)
class Compiler:
    """Makes the plan of one operation. All methods raise NotCompiled."""

    schema: Schema
    fragments: dict[str, FragmentDetails]
    operation: OperationDefinitionNode
    variables: VariableValues
    """Only those in directives are looked at; the plan is good for all requests that have the same ones there."""

    def plan(self) -> Plan:
        core = self.schema._schema
        assert core.query_type is not None
        found = collect_fields(core, self.fragments, self.variables, core.query_type, self.operation)
        return Plan(self._selected(core.query_type, found.grouped_field_set, Writer()))

    def _selected(self, parent: GraphQLObjectType, fields: GroupedFieldSet, writer: Writer) -> Function:
        """An object as a dict of what is asked of it; what was written before stands at the beginning."""
        known, now, later = dict[str, str | None].fromkeys(fields), list[Read](), list[Later]()
        for key, details in fields.items():
            node = details[0].node
            if node.name.value == "__typename":
                known[key] = parent.name
                continue
            asked = parent.fields.get(node.name.value)
            if asked is None:
                raise NotCompiled(node.name.value)
            complete, ours = self._completed(asked.type, details), asked.extensions[DEFINITION]
            if ours.is_basic_field:
                now.append(Read(key, ours.python_name, exact_class(asked.type), complete))
            elif (call := _method(ours)) is not None:
                now.append(Read(key, call, exact_class(asked.type), complete))
            else:
                later.append(_later(key, self._resolved(asked, ours, details), complete, is_async=ours.is_async))
        return writer.selection(known, now, later)

    def _resolved(self, asked: GraphQLField, ours: StrawberryField, details: FieldDetailsList) -> Function:
        """A call of the field's resolver with its arguments."""
        resolver, node = ours.base_resolver, details[0].node
        if resolver is None or ours.extensions or resolver.parent_parameter or resolver.root_parameter:
            raise NotCompiled(ours.python_name)
        call = cast(Callable[..., Any], resolver.wrapped_func)
        takes_self = resolver.self_parameter is not None
        told = resolver.info_parameter.name if resolver.info_parameter else None
        selected = [SelectedField(node.name.value, {}, {}, self._names(asked.type, details))]
        if takes_self and told and not ours.arguments:
            return lambda source, run: call(source, **{told: ResolverInfo(run.context, selected)})
        arguments = arguments_of(self.schema, asked, ours, node, self.variables)

        def resolved(source: Any, run: Run) -> Any:
            given = arguments(run.variables)
            if told:
                given[told] = ResolverInfo(run.context, selected)
            return call(source, **given) if takes_self else call(**given)

        return resolved

    def _names(self, type_: GraphQLOutputType, details: FieldDetailsList) -> list[Selection]:
        """The fields that are selected of what a resolver answers."""
        inner = get_named_type(type_)
        fields = self._sub_fields(inner, details) if is_object_type(inner) else {}
        return [SelectedField(it[0].node.name.value, {}, {}, []) for it in fields.values()]

    def _completed(self, type_: GraphQLOutputType, details: FieldDetailsList) -> Function:
        if is_non_null_type(type_):
            return self._certain(type_.of_type, details)
        if is_object_type(type_):
            return self._object(type_, details, may_be_null=True)
        certain = self._certain(type_, details)
        return lambda value, run: None if value is None else certain(value, run)

    def _certain(self, type_: Any, details: FieldDetailsList) -> Function:
        """For values that are not None: it is no plain one of any type."""
        if is_leaf_type(type_):
            return leaf(type_)
        if is_list_type(type_):
            return items(self._completed(type_.of_type, details))
        if is_abstract_type(type_):
            return self._one_of(type_, details)
        return self._object(type_, details)

    def _object(self, type_: GraphQLObjectType, details: FieldDetailsList, *, may_be_null: bool = False) -> Function:
        writer, is_ours = Writer(), type_.is_type_of
        if may_be_null:
            writer.let_none_through()
        if is_ours is not None:
            writer.admit(lambda value: bool(is_ours(value, None)))  # type: ignore[arg-type]  # the class is all it looks at
        elif not may_be_null:
            writer.admit(lambda value: value is not None)
        return self._selected(type_, self._sub_fields(type_, details), writer)

    def _sub_fields(self, type_: GraphQLObjectType, details: FieldDetailsList) -> GroupedFieldSet:
        core = self.schema._schema
        return collect_subfields(core, self.fragments, self.variables, self.operation, type_, details).grouped_field_set

    def _one_of(self, type_: GraphQLAbstractType, details: FieldDetailsList) -> Function:
        possible = self.schema._schema.get_possible_types(type_)
        shapes = {it.extensions[DEFINITION].origin: self._object(it, details) for it in possible}

        def chosen(value: Any, run: Run) -> Any:
            shape = shapes.get(value.__class__)
            if shape is None:
                raise NotPlain
            return shape(value, run)

        return chosen


def _method(ours: StrawberryField) -> Callable[[Any], Any] | None:
    """A resolver that needs nothing but the object, and does not wait."""
    resolver = ours.base_resolver
    if resolver is None or ours.is_async or ours.arguments or ours.extensions:
        return None
    if resolver.info_parameter or resolver.parent_parameter or resolver.root_parameter or not resolver.self_parameter:
        return None
    return cast(Callable[[Any], Any], resolver.wrapped_func)


def _later(key: str, resolved: Function, complete: Function, *, is_async: bool) -> Later:
    def put(source: Any, run: Run, into: dict[str, Any]) -> None:
        value = resolved(source, run)
        if is_async or hasattr(value, "__await__"):
            run.late.append(PendingField(value, complete, into, key))
        else:
            into[key] = complete(value, run)

    return put
