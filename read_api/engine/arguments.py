"""Variables and arguments of a plan: what graphql-core and strawberry make of them, found out once where it can be.

Both have a general way, which looks at types and names anew for each request; whatever is not read here goes that way.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLSchema,
    ObjectValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_argument_values, get_variable_values
from graphql.pyutils import Undefined
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal, coerce_input_value
from strawberry import Schema
from strawberry.relay import GlobalID
from strawberry.schema import compat
from strawberry.types.arguments import convert_argument, convert_arguments
from strawberry.types.base import StrawberryMaybe, StrawberryOptional, has_object_definition
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
from strawberry.types.field import StrawberryField

from read_api.engine.plain import EXACT, NotPlain
from read_api.engine.variables import variables_in

ABSENT = object()

Coerced = Mapping[str, Any]
Reader = Callable[[Coerced], Any]
"""From the variables of a request to a value of GraphQL, or ABSENT. Raises NotPlain."""

Arguments = Callable[[VariableValues], dict[str, Any]]


def variables_of(
    schema: GraphQLSchema, operation: OperationDefinitionNode
) -> Callable[[Mapping[str, Any]], VariableValues | None]:
    """What coerces the variables of a request; it gives None for those that do not fit."""
    nodes = operation.variable_definitions or ()
    found = [(get_variable_signature(schema, node), node.default_value is not None) for node in nodes]
    known = [(it, _plain_values(it), has) for it, has in found if isinstance(it, GraphQLVariableSignature)]

    def coerced(given: Mapping[str, Any]) -> VariableValues | None:
        sources, values = dict[str, VariableValueSource](), dict[str, Any]()
        for signature, plain, has_default in known:
            value = given.get(signature.name, ABSENT)
            if value is ABSENT and not has_default and not is_non_null_type(signature.type):
                sources[signature.name] = VariableValueSource(signature)
                continue
            read = plain(value)
            if read is ABSENT:
                slow = get_variable_values(schema, nodes, dict(given))
                return None if isinstance(slow, list) else slow
            sources[signature.name], values[signature.name] = VariableValueSource(signature, value), read
        return VariableValues(sources, values)

    return coerced


def _plain_values(signature: GraphQLVariableSignature) -> Callable[[Any], Any]:
    """What reads the usual values of a variable; ABSENT for all others."""
    type_, may_be_null = signature.type, not is_non_null_type(signature.type)
    named: Any = get_named_type(type_)
    is_list = is_list_type(type_ if may_be_null else type_.of_type)  # type: ignore[union-attr]
    names = {it: coerce_input_value(it, named) for it in named.values} if isinstance(named, GraphQLEnumType) else {}
    exact = None if is_list or named.name == "Whole" else EXACT.get(named.name)

    def plain(value: Any) -> Any:
        if value is None:
            return None if may_be_null else ABSENT
        if value.__class__ is exact:
            return value
        return names.get(value, ABSENT) if value.__class__ is str and not is_list else ABSENT

    return plain


def arguments_of(
    schema: Schema, asked: GraphQLField, ours: StrawberryField, node: FieldNode, variables: VariableValues
) -> Arguments:
    """What makes the arguments of a resolver."""
    converter = schema.schema_converter

    def general(variables: VariableValues) -> dict[str, Any]:
        given = get_argument_values(asked, node, variables)
        return convert_arguments(given, ours.arguments, converter.scalar_registry, converter.config)

    nodes = {it.name.value: it.value for it in node.arguments or ()}
    if not any(map(variables_in, nodes.values())):
        always = general(variables)
        return lambda _: always.copy()
    parts = list[tuple[str, Reader, Callable[[Any], Any], Any]]()
    for argument in ours.arguments:
        name = converter.config.name_converter.from_argument(argument)
        definition, convert = asked.args[name], _converter(schema, argument.type)
        read = _reader(nodes[name], definition.type) if name in nodes else _absent
        if read is None:
            return general
        default = NotPlain if is_required_argument(definition) else coerce_default_value(definition)
        parts.append((str(argument.python_name), read, convert, default))

    def made(variables: VariableValues) -> dict[str, Any]:
        found = dict[str, Any]()
        for name, read, convert, default in parts:
            value = read(variables.coerced)
            if value is ABSENT:
                value = default
            if value is NotPlain:
                raise NotPlain
            if value is not Undefined:
                found[name] = None if value is None else convert(value)
        return found

    return made


def _reader(node: ValueNode, type_: Any) -> Reader | None:
    """What reads an argument from the variables; None where that is left to graphql-core."""
    may_be_null = not is_non_null_type(type_)
    inner = type_ if may_be_null else type_.of_type
    if isinstance(node, VariableNode):
        return _of_variable(node.name.value, may_be_null=may_be_null)
    if not variables_in(node):
        value = coerce_input_literal(node, type_)
        return None if value is Undefined else lambda _: value
    if not is_input_object_type(inner) or inner.is_one_of or not isinstance(node, ObjectValueNode):
        return None
    nodes = {it.name.value: it.value for it in node.fields}
    readers = {name: _reader(it, inner.fields[name].type) for name, it in nodes.items()}
    parts = [(it.out_name or name, readers.get(name, _absent), _default(it)) for name, it in inner.fields.items()]
    if any(read is None for _, read, _ in parts):
        return None

    def read_all(coerced: Coerced) -> Any:
        found = dict[str, Any]()
        for name, read, default in parts:
            assert read is not None
            value = read(coerced)
            if value is ABSENT:
                value = default
            if value is NotPlain:
                raise NotPlain
            if value is not Undefined:
                found[name] = value
        return found

    return read_all


def _absent(_: Coerced) -> Any:
    return ABSENT


def _default(definition: Any) -> Any:
    return NotPlain if is_required_input_field(definition) else coerce_default_value(definition)


def _of_variable(name: str, *, may_be_null: bool) -> Reader:
    def read(coerced: Coerced) -> Any:
        value = coerced.get(name, ABSENT)
        if value is None and not may_be_null:
            raise NotPlain
        return value

    return read


def _converter(schema: Schema, type_: Any) -> Callable[[Any], Any]:
    """From a value of GraphQL that is not null to what the resolver takes."""
    converter: Any = schema.schema_converter
    if isinstance(type_, StrawberryOptional) and not isinstance(type_, StrawberryMaybe):
        return _converter(schema, type_.of_type)
    is_leaf = compat.is_scalar(type_, converter.scalar_registry) and type_ is not GlobalID
    if is_leaf or isinstance(type_, StrawberryEnumDefinition) or has_enum_definition(type_):
        return lambda value: value
    definition = type_.__strawberry_definition__ if has_object_definition(type_) else None
    if definition is None or definition.from_input is not None or definition.is_one_of:
        return lambda value: convert_argument(value, type_, converter.scalar_registry, converter.config)
    blank = {
        it.python_name: None
        for it in definition.fields
        if it.default_value is MISSING and it.default_factory is MISSING
    }
    parts = [
        (
            converter.config.name_converter.from_field(it),
            it.python_name,
            _converter(schema, it.resolve_type(type_definition=definition)),
        )
        for it in definition.fields
    ]

    def converted(value: Mapping[str, Any]) -> Any:
        found = {
            python: None if value[name] is None else convert(value[name])
            for name, python, convert in parts
            if name in value
        }
        return type_(**blank | found)

    return converted
