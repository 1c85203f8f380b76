"""Values that are what their types say: what a plan answers with; anything else it leaves to graphql-core."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLInt, GraphQLLeafType, is_leaf_type, is_non_null_type

EXACT: Mapping[str, type] = {"String": str, "ID": str, "Boolean": bool, "Whole": int}
"""Scalars of which a value of this very class is the answer."""

LARGEST_INT = 2**31 - 1

Complete = Callable[[Any, Any], Any]
"""From a value of a field, and the run that hands it on, to JSON."""


class NotPlain(Exception):
    """A value is not what its type says."""


def exact_class(type_: Any) -> type[Any] | None:
    """The class whose values are the answer as they are, whether the type allows null or not."""
    inner = type_.of_type if is_non_null_type(type_) else type_
    return EXACT.get(inner.name) if is_leaf_type(inner) else None


def items(item: Complete) -> Complete:
    def items(value: Any, run: Any) -> list[Any]:
        if value.__class__ is not list and value.__class__ is not tuple:
            raise NotPlain
        return [item(each, run) for each in value]

    return items


def leaf(type_: GraphQLLeafType) -> Complete:
    """A value of a scalar or an enum as JSON."""
    exact = EXACT.get(type_.name)

    def coerced(value: Any, _run: Any) -> Any:
        if value.__class__ is exact:
            return value
        found = None if value is None else type_.coerce_output_value(value)
        if found is None:
            raise NotPlain
        return found

    def whole(value: Any, run: Any) -> Any:
        return value if value.__class__ is int and -LARGEST_INT <= value <= LARGEST_INT else coerced(value, run)

    return whole if type_ is GraphQLInt else coerced
