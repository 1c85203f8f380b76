"""One tree of categories: no loops, no twins among siblings, not too deep."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from immutables import Map

from domain.category.commands import CategoryCommand, CreateCategory, DeleteCategory, MoveCategory, RenameCategory
from domain.category.errors import BelowItself, CategoryExists, CategoryNotEmpty, CategoryNotFound, NameTaken, TooDeep
from domain.category.events import CategoryCreated, CategoryDeleted, CategoryEvent, CategoryMoved, CategoryRenamed
from domain.shared import require
from domain.shared.decider import Decider
from domain.shared.frozen import replace
from domain.shared.ids import CategoryId

LONGEST_NAME = 100
MOST_LEVELS = 10


@dataclass(frozen=True, slots=True)
class Node:
    """A category and the one it hangs under; a root hangs under none."""

    name: str
    parent_id: CategoryId | None


@dataclass(frozen=True, slots=True)
class CategoryTree:
    """All categories by id, and by their names among siblings (`sibling_key`)."""

    nodes: Map[CategoryId, Node] = field(default_factory=Map)
    names: Map[str, CategoryId] = field(default_factory=Map)

    def path(self, category_id: CategoryId | None) -> Iterator[CategoryId]:
        """The category, its parent, and so on up to a root."""
        while category_id is not None:
            yield category_id
            category_id = self.nodes[category_id].parent_id

    def depth(self, category_id: CategoryId | None) -> int:
        """On which level a category is: 1 for a root, 0 for nothing."""
        return sum(1 for _ in self.path(category_id))

    def height(self, category_id: CategoryId) -> int:
        """How many levels a category and all below it take."""
        own = self.depth(category_id)
        return max(self.depth(other) - own + 1 for other in self.nodes if category_id in self.path(other))


def sibling_key(name: str, parent_id: CategoryId | None) -> str:
    """The same for two names that a shopper could not distinguish. No category id holds a slash."""
    return f"{parent_id or ''}/{name.strip().casefold()}"


def decide(tree: CategoryTree, command: CategoryCommand) -> Sequence[CategoryEvent]:
    """What follows from a command; raises the errors of this folder."""
    match command:
        case CreateCategory(category_id=category_id, name=name, parent_id=parent_id):
            return _create(tree, category_id, name, parent_id)
        case RenameCategory(category_id=category_id, name=name):
            return _rename(tree, category_id, name)
        case MoveCategory(category_id=category_id, parent_id=parent_id):
            return _move(tree, category_id, parent_id)
        case DeleteCategory(category_id=category_id):
            return _delete(tree, category_id)
        case _:
            assert_never(command)


def _create(
    tree: CategoryTree, category_id: CategoryId, name: str, parent_id: CategoryId | None
) -> Sequence[CategoryEvent]:
    require.code(category_id, "category_id")
    require.text(name, "name", LONGEST_NAME)
    if (existing := tree.nodes.get(category_id)) is not None:
        if existing == Node(name, parent_id):
            return []
        raise CategoryExists(f"Category {category_id} exists. Rename or move it, or choose another id.", "category_id")
    _parent(tree, parent_id)
    _unique(tree, name, parent_id)
    _fits(tree.depth(parent_id) + 1)
    return [CategoryCreated(category_id=category_id, name=name, parent_id=parent_id)]


def _rename(tree: CategoryTree, category_id: CategoryId, name: str) -> Sequence[CategoryEvent]:
    node = _known(tree, category_id)
    require.text(name, "name", LONGEST_NAME)
    if node.name == name:
        return []
    _unique(tree, name, node.parent_id, but=category_id)
    return [CategoryRenamed(category_id=category_id, name=name)]


def _move(tree: CategoryTree, category_id: CategoryId, parent_id: CategoryId | None) -> Sequence[CategoryEvent]:
    node = _known(tree, category_id)
    if node.parent_id == parent_id:
        return []
    _parent(tree, parent_id)
    if category_id in tree.path(parent_id):
        raise BelowItself(f"{node.name} cannot hang below itself. Choose a parent outside of it.", "parent_id")
    _unique(tree, node.name, parent_id)
    _fits(tree.depth(parent_id) + tree.height(category_id))
    return [CategoryMoved(category_id=category_id, parent_id=parent_id)]


def _delete(tree: CategoryTree, category_id: CategoryId) -> Sequence[CategoryEvent]:
    """One that is not there is no error."""
    if category_id not in tree.nodes:
        return []
    if below := sorted(node.name for node in tree.nodes.values() if node.parent_id == category_id):
        raise CategoryNotEmpty(f"There are categories below it: {', '.join(below[:3])}. Move or delete them first.")
    return [CategoryDeleted(category_id=category_id)]


def _known(tree: CategoryTree, category_id: CategoryId, field: str | None = None) -> Node:
    if (node := tree.nodes.get(category_id)) is None:
        raise CategoryNotFound(f"There is no category {category_id}. Create it first.", field)
    return node


def _parent(tree: CategoryTree, parent_id: CategoryId | None) -> None:
    if parent_id is not None:
        _known(tree, parent_id, "parent_id")


def _unique(tree: CategoryTree, name: str, parent_id: CategoryId | None, but: CategoryId | None = None) -> None:
    twin = tree.names.get(sibling_key(name, parent_id))
    if twin is not None and twin != but:
        raise NameTaken(f"{tree.nodes[twin].name} is there already, as {twin}. Choose another name.", "name")


def _fits(levels: int) -> None:
    if levels > MOST_LEVELS:
        raise TooDeep(f"The tree may have {MOST_LEVELS} levels, not {levels}. Choose a higher parent.", "parent_id")


def evolve(tree: CategoryTree, event: CategoryEvent) -> CategoryTree:
    """The tree after the fact."""
    match event:
        case CategoryCreated(category_id=category_id, name=name, parent_id=parent_id):
            return _hang(tree, category_id, Node(name, parent_id))
        case CategoryRenamed(category_id=category_id, name=name):
            return _hang(tree, category_id, replace(tree.nodes[category_id], name=name))
        case CategoryMoved(category_id=category_id, parent_id=parent_id):
            return _hang(tree, category_id, replace(tree.nodes[category_id], parent_id=parent_id))
        case CategoryDeleted(category_id=category_id):
            gone = tree.nodes[category_id]
            names = tree.names.delete(sibling_key(gone.name, gone.parent_id))
            return CategoryTree(tree.nodes.delete(category_id), names)
        case _:
            assert_never(event)


def _hang(tree: CategoryTree, category_id: CategoryId, node: Node) -> CategoryTree:
    names = tree.names
    if (before := tree.nodes.get(category_id)) is not None:
        names = names.delete(sibling_key(before.name, before.parent_id))
    names = names.set(sibling_key(node.name, node.parent_id), category_id)
    return CategoryTree(tree.nodes.set(category_id, node), names)


category_decider = Decider(initial=CategoryTree(), decide=decide, evolve=evolve)
