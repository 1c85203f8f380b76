"""Random questions to a GraphQL schema: aliases, fragments, inline fragments, variables, @include, @skip, __typename.

Nearly all of them are valid. Keys of an answer tell the field and the type it is asked of, so that two fields under one
key are nearly always the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.pyutils import Undefined
from hypothesis import strategies as st

DEEPEST = 5
SWITCHES = ("on", "off", "usual")
"""Variables of @skip and @include; the last one has a default."""

Parent = GraphQLObjectType | GraphQLInterfaceType
Draw = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A document, and variables to ask it with, one after the other: whatever is remembered of it has to fit all."""

    text: str
    variables: Sequence[dict[str, Any]]


@dataclass(slots=True)
class _Writer:
    """Writes one document."""

    schema: GraphQLSchema
    draw: Draw
    values: Mapping[str, Sequence[Any]]
    """For each input type of leaves what arguments of it may be, as JSON."""

    sensible: Mapping[str, Sequence[Mapping[str, Any]]]
    """For `Type.field`: arguments that have an answer without errors."""

    fragments: dict[str, list[str]] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    declared: dict[str, str] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    left: int = 60

    def chance(self, percent: int) -> bool:
        return bool(self.draw(st.integers(1, 100)) <= percent)

    def selection(self, parent: Parent, depth: int) -> str:
        """Some fields of a type, as they are or in fragments; never none."""
        parts = [self.part(parent, depth) for _ in range(self.draw(st.integers(1, 4)))]
        return "{ " + " ".join(part for part in parts if part) + " }" if any(parts) else "{ __typename }"

    def part(self, parent: Parent, depth: int) -> str:
        self.left -= 1
        kind = self.draw(st.sampled_from(["field"] * 6 + ["inline", "inline", "spread", "spread", "typename"]))
        if self.left < 0 or kind == "typename":
            alias = "kind: " if self.chance(50) else ""
            return f"{alias}__typename{self.directives()}"
        if kind == "field":
            return self.field(parent, depth)
        on = parent
        if isinstance(parent, GraphQLInterfaceType) and self.chance(80):
            on = self.draw(st.sampled_from(sorted(self.schema.get_possible_types(parent), key=lambda it: it.name)))
        if kind == "inline":
            condition = f" on {on.name}" if on is not parent or self.chance(50) else ""
            return f"...{condition}{self.directives()} {self.selection(on, depth)}"
        return self.spread(on, depth)

    def spread(self, on: Parent, depth: int) -> str:
        """A new fragment, or one that was finished before, so that none holds itself."""
        known = self.fragments.setdefault(on.name, [])
        if known and self.chance(50):
            return f"...{self.draw(st.sampled_from(known))}{self.directives()}"
        selection = self.selection(on, depth)
        name = f"F{len(self.written)}"
        self.written.append(f"fragment {name} on {on.name} {selection}")
        known.append(name)
        return f"...{name}{self.directives()}"

    def field(self, parent: Parent, depth: int) -> str:
        able = [name for name, it in parent.fields.items() if depth < DEEPEST or is_leaf_type(_named(it))]
        if not able:
            return "__typename"
        name = self.draw(st.sampled_from(sorted(able)))
        asked = parent.fields[name]
        arguments = self.arguments(f"{parent.name}.{name}", asked)
        alias = ""
        if arguments:
            alias = f"{name}{len(self.declared)}{self.left}x: "
        elif self.chance(30):
            alias = f"{parent.name}_{name}: "
        inner: Any = _named(asked)
        selection = f" {self.selection(inner, depth + 1)}" if not is_leaf_type(inner) else ""
        return f"{alias}{name}{arguments}{self.directives()}{selection}"

    def arguments(self, place: str, asked: GraphQLField) -> str:
        if place in self.sensible and self.chance(85):
            wanted = dict(self.draw(st.sampled_from(self.sensible[place])))
        else:
            wanted = {
                name: self.json(it.type)
                for name, it in asked.args.items()
                if (is_non_null_type(it.type) and it.default_value is Undefined) or self.chance(35)
            }
        parts = [f"{name}: {self.argument(asked.args[name], value)}" for name, value in wanted.items()]
        return f"({', '.join(parts)})" if parts else ""

    def argument(self, argument: GraphQLArgument, value: Any) -> str:
        """The value as a literal, as a variable, as the default of one, or as a variable whose default is another."""
        if not self.chance(50):
            return _printed(value, argument.type)
        name = f"v{len(self.declared)}"
        kind = self.draw(st.sampled_from(["given", "default", "both"]))
        default = value if kind == "default" else self.json(argument.type)
        written = f" = {_printed(default, argument.type)}" if kind != "given" else ""
        self.declared[name] = f"{argument.type}{written}"
        if kind != "default":
            self.given[name] = value
        return f"${name}"

    def json(self, type_: Any) -> Any:
        if is_non_null_type(type_):
            return self.json(type_.of_type)
        if self.chance(10):
            return None
        if is_list_type(type_):
            return [self.json(type_.of_type) for _ in range(self.draw(st.integers(0, 2)))]
        if is_input_object_type(type_):
            names = [name for name, it in type_.fields.items() if is_non_null_type(it.type) or self.chance(40)]
            return {name: self.json(type_.fields[name].type) for name in names}
        return self.draw(st.sampled_from(self.leaves(type_)))

    def leaves(self, type_: Any) -> Sequence[Any]:
        return list(type_.values) if hasattr(type_, "values") else self.values[type_.name]

    def directives(self) -> str:
        return "".join(self.directive(name) for name in ("skip", "include") if self.chance(12))

    def directive(self, name: str) -> str:
        if self.chance(30):
            return f" @{name}(if: {self.draw(st.sampled_from(['true', 'false']))})"
        switch = self.draw(st.sampled_from(SWITCHES))
        self.declared[switch] = f"Boolean! = {self.draw(st.sampled_from(['true', 'false']))}"
        if switch != "usual":
            self.declared[switch] = "Boolean!"
            self.given.setdefault(switch, self.draw(st.booleans()))
        return f" @{name}(if: ${switch})"


def _named(asked: GraphQLField) -> Any:
    return get_named_type(asked.type)


def _printed(value: Any, type_: Any) -> str:
    """A JSON value as a literal of GraphQL."""
    inner = get_named_type(type_)
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case dict():
            return (
                "{" + ", ".join(f"{name}: {_printed(it, inner.fields[name].type)}" for name, it in value.items()) + "}"
            )
        case list():
            return "[" + ", ".join(_printed(it, inner) for it in value) + "]"
        case str() if not hasattr(inner, "values"):
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
    return str(value)


@st.composite
def questions(
    draw: Draw,
    schema: GraphQLSchema,
    values: Mapping[str, Sequence[Any]],
    sensible: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> Question:
    """A question whose arguments are mostly sensible, else any of these values."""
    writer = _Writer(schema, draw, values, sensible or {})
    assert schema.query_type is not None
    selection = writer.selection(schema.query_type, 0)
    declared = ", ".join(f"${name}: {type_}" for name, type_ in writer.declared.items())
    head = f"query Asked({declared})" if declared else "query Asked"
    given = writer.given
    other = {name: not value if name in SWITCHES else value for name, value in given.items()}
    text = "\n".join([f"{head} {selection}", *writer.written])
    return Question(text, [given, other] if other != given else [given])
