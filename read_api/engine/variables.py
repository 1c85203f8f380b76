"""Which variables of a query decide what is executed, and which are only handed on."""

from collections.abc import Iterable

from graphql import DirectiveNode, FieldNode, Node, VariableNode, Visitor, visit

SIZES = ("first", "last")
"""Arguments that a query's cost depends on."""


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = set[str]()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.found.add(node.name.value)


class _Deciding(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = set[str]()

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        self.found |= variables_in(node)

    def enter_field(self, node: FieldNode, *_: object) -> None:
        for argument in node.arguments or ():
            if argument.name.value in SIZES:
                self.found |= variables_in(argument)


def variables_in(node: Node) -> set[str]:
    """The names of all variables that a part of a query mentions."""
    visitor = _Variables()
    visit(node, visitor)
    return visitor.found


def deciding(nodes: Iterable[Node]) -> tuple[str, ...]:
    """Variables in directives and in sizes of lists: they choose the fields and the cost, all others only values."""
    visitor = _Deciding()
    for node in nodes:
        visit(node, visitor)
    return tuple(sorted(visitor.found))
