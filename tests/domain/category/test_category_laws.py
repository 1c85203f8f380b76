"""Whatever is asked of the category tree, in whatever order."""

from hypothesis import given

from domain.category.commands import CategoryCommand
from domain.category.decider import MOST_LEVELS, CategoryTree, category_decider
from domain.category.events import CategoryEvent
from domain.shared.errors import DomainError
from domain.shared.ids import CategoryId
from infra.serialization.codec import JsonCodec
from tests.support.builders.strategies import category_stories
from tests.support.harness.laws import law, play

commands = category_stories()


def ancestors(tree: CategoryTree, category: CategoryId) -> list[CategoryId]:
    """Those above a category, as far as they can be followed without end."""
    found: list[CategoryId] = []
    above = tree.nodes[category].parent_id
    while above is not None and len(found) <= len(tree.nodes):
        found.append(above)
        above = tree.nodes[above].parent_id
    return found


@law
@given(commands)
def test_no_category_is_below_itself(asked: list[CategoryCommand]) -> None:
    for tree, _ in play(category_decider, asked):
        for category in tree.nodes:
            above = ancestors(tree, category)
            assert category not in above
            assert len(above) < MOST_LEVELS


@law
@given(commands)
def test_no_two_siblings_share_a_name(asked: list[CategoryCommand]) -> None:
    for tree, _ in play(category_decider, asked):
        names = [(node.parent_id, node.name.strip().casefold()) for node in tree.nodes.values()]
        assert len(set(names)) == len(names)


@law
@given(commands)
def test_the_facts_make_the_tree_and_a_repeat_changes_nothing(asked: list[CategoryCommand]) -> None:
    facts: list[CategoryEvent] = []
    for command, (tree, answer) in zip(asked, play(category_decider, asked), strict=True):
        if not isinstance(answer, DomainError):
            facts += answer
            assert category_decider.decide(tree, command) == []
        assert category_decider.replay(facts) == tree


@law
@given(commands)
def test_a_snapshot_is_the_tree(asked: list[CategoryCommand]) -> None:
    codec = JsonCodec()
    *_, (tree, _) = play(category_decider, asked)
    assert codec.decode(codec.encode(tree), CategoryTree) == tree
