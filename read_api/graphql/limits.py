"""How much one question may ask for: aliases, repeats, depth, and a cost in which the sizes of lists multiply."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_list_type,
)
from graphql.type import get_nullable_type

from read_api.graphql.errors import TooComplex
from read_api.graphql.relay import LARGEST, USUAL

TOKENS = 1_000
LONGEST_DOCUMENT = 20_000
"""Characters; texts may be longer, in variables."""

ALIASES = 30
REPEATS = 30
FRAGMENTS = 50
DIGITS = 400
DEPTH = 12
COST = 10_000
INTROSPECTION = 1_000
WEIGHTS = {
    ("Query", "search"): 500,
    ("SearchConnection", "total"): 500,
    ("SearchConnection", "facets"): 500,
    ("Query", "autocomplete"): 50,
    ("ProductConnection", "total"): 200,
    ("Query", "sales"): 2_000,
    ("Query", "bestSellers"): 1_000,
    ("Query", "popular"): 500,
    ("OrderConnection", "total"): 200,
    ("Query", "projections"): 1_000,
    ("Query", "streamState"): 1_000,
    ("Query", "streamChanges"): 1_000,
    ("Query", "verify"): 2_000,
    ("Cockpit", "phases"): 200,
    ("Cockpit", "processing"): 200,
    ("ProcessRun", "timers"): 500,
}
"""What a field costs before anything of its answer is written: it goes through much more than it shows."""

ARGUMENT_WEIGHTS = {
    ("Query", "order", "asOf"): 1_000,
    ("Query", "products", "filter"): 200,
    **{("Query", "history", name): 500 for name in ("types", "actor", "from", "to")},
}
"""What a field costs besides when it has such an argument."""

UNSIZED = 10
"""What a list is taken to hold when the question does not say how much of it is wanted."""


def _is_connection(type_: Any) -> bool:
    return isinstance(type_, GraphQLObjectType) and type_.name.endswith("Connection")


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}


def check_shape(document: DocumentNode) -> None:
    """What can be said without the schema, and has to be said before validation, which is slow on such documents.

    Raises TooComplex.
    """
    if (fragments := len(fragments_of(document))) > FRAGMENTS:
        raise TooComplex(f"The query has {fragments} fragments; {FRAGMENTS} are allowed.")
    aliases = 0
    for selections in _selection_sets(document):
        fields = [node for node in selections if isinstance(node, FieldNode)]
        aliases += sum(node.alias is not None for node in fields)
        names = Counter((node.alias or node.name).value for node in fields)
        if names and (most := names.most_common(1)[0])[1] > REPEATS:
            raise TooComplex(f"{most[0]} is asked for {most[1]} times in one place; {REPEATS} are allowed.")
    if aliases > ALIASES:
        raise TooComplex(f"The query has {aliases} aliases; {ALIASES} are allowed.")
    depths = Depths(document)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode) and (depth := depths.of(node.selection_set)) > DEPTH:
            raise TooComplex(f"The query is {depth} levels deep; {DEPTH} are allowed.")


def _selection_sets(document: DocumentNode) -> Iterator[tuple[SelectionNode, ...]]:
    open_sets = [
        node.selection_set
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    while open_sets:
        selections = open_sets.pop().selections
        yield tuple(selections)
        open_sets += [
            node.selection_set
            for node in selections
            if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set
        ]


class Depths:
    """How deep fields lie in each other. A fragment within itself adds nothing; validation refuses it later."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = fragments_of(document)
        self._known: dict[str, int] = {}

    def of(self, selections: SelectionSetNode | None) -> int:
        return max((self._of(node) for node in selections.selections), default=0) if selections else 0

    def _of(self, node: SelectionNode) -> int:
        match node:
            case FieldNode(name=name) if name.value.startswith("__"):
                return 1
            case FieldNode(selection_set=selections):
                return 1 + self.of(selections)
            case InlineFragmentNode(selection_set=selections):
                return self.of(selections)
            case FragmentSpreadNode(name=name):
                return self._of_fragment(name.value)
        return 0

    def _of_fragment(self, name: str) -> int:
        if name not in self._known:
            self._known[name] = 0
            if name in self._fragments:
                self._known[name] = self.of(self._fragments[name].selection_set)
        return self._known[name]


class Costs:
    """What a valid operation may cost at most: one for each value, lists multiplied by their size, weights of fields.

    The `edges` of a connection are multiplied by its size; what stands beside them is there once.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._known: dict[tuple[str, int], int] = {}
        self._operation = operation
        self._defaults = {node.variable.name.value: node.default_value for node in operation.variable_definitions or ()}
        self._variables = variables

    def check(self) -> None:
        """Raises TooComplex."""
        root = self._schema.get_root_type(self._operation.operation)
        cost = self._of_set(self._operation.selection_set, root)
        if cost > COST:
            raise TooComplex(
                f"The query may cost {cost}; {COST} are allowed. Ask for fewer items, fewer fields or fewer searches, "
                "or send several queries."
            )

    def _of_set(self, selections: SelectionSetNode | None, parent: Any, size: int = 1) -> int:
        """`size` is that of the connection whose fields these are."""
        return sum(self._of(node, parent, size) for node in selections.selections) if selections else 0

    def _of(self, node: SelectionNode, parent: Any, size: int) -> int:
        match node:
            case FieldNode():
                return self._of_field(node, parent, size)
            case InlineFragmentNode(type_condition=condition, selection_set=selections):
                on = self._schema.get_type(condition.name.value) if condition else parent
                return self._of_set(selections, on, size)
            case FragmentSpreadNode(name=name):
                return self._of_fragment(name.value, size)
        return 0

    def _of_fragment(self, name: str, size: int) -> int:
        if (name, size) not in self._known:
            fragment = self._fragments[name]
            on = self._schema.get_type(fragment.type_condition.name.value)
            self._known[name, size] = self._of_set(fragment.selection_set, on, size)
        return self._known[name, size]

    def _of_field(self, node: FieldNode, parent: Any, size: int) -> int:
        if node.name.value.startswith("__"):
            return INTROSPECTION if node.selection_set else 1
        assert isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)
        asked = parent.fields[node.name.value]
        inner = get_named_type(asked.type)
        weight, many = self._weight(node, parent.name), self._size(node) if "first" in asked.args else 1
        if _is_connection(inner):
            return weight + 1 + self._of_set(node.selection_set, inner, many)
        each = self._of_set(node.selection_set, inner) or 1
        if "first" in asked.args:
            return weight + 1 + many * each
        if _is_connection(parent) and node.name.value == "edges":
            return weight + 1 + size * each
        if is_list_type(get_nullable_type(asked.type)):
            return weight + 1 + UNSIZED * each
        return weight + (1 + each if node.selection_set else 1)

    def _weight(self, node: FieldNode, parent: str) -> int:
        field = (parent, node.name.value)
        given = (ARGUMENT_WEIGHTS.get((*field, argument.name.value), 0) for argument in node.arguments or ())
        return WEIGHTS.get(field, 0) + sum(given)

    def _size(self, node: FieldNode) -> int:
        asked = {argument.name.value: argument.value for argument in node.arguments or ()}
        size = self._number(asked.get("first")) or self._number(asked.get("last")) or USUAL
        return min(max(size, 1), LARGEST)

    def _number(self, value: ValueNode | None) -> int | None:
        """A value that is no number is refused later, by its type."""
        match value:
            case IntValueNode(value=text):
                return int(text)
            case VariableNode(name=name) if name.value in self._variables:
                given = self._variables[name.value]
                return int(given) if isinstance(given, int | float) and given == given // 1 else None
            case VariableNode(name=name):
                return self._number(self._defaults.get(name.value))
        return None
