"""The tree of categories."""

from collections.abc import Callable

import pytest

from domain.category.commands import CategoryCommand, CreateCategory, DeleteCategory, MoveCategory, RenameCategory
from domain.category.decider import MOST_LEVELS, category_decider
from domain.category.errors import BelowItself, CategoryExists, CategoryNotEmpty, CategoryNotFound, NameTaken, TooDeep
from domain.category.events import CategoryCreated, CategoryDeleted, CategoryMoved, CategoryRenamed
from domain.shared.ids import CategoryId
from domain.shared.require import NotACode, TextOutOfBounds
from tests.support.harness.spec import Spec

given = Spec(category_decider).given
DRINKS, TEA, GREEN, POTS = CategoryId("drinks"), CategoryId("tea"), CategoryId("green"), CategoryId("pots")


def create(category: CategoryId, name: str, parent: CategoryId | None = None) -> CreateCategory:
    return CreateCategory(category_id=category, name=name, parent_id=parent)


def rename(category: CategoryId, name: str) -> RenameCategory:
    return RenameCategory(category_id=category, name=name)


def move(category: CategoryId, parent: CategoryId | None) -> MoveCategory:
    return MoveCategory(category_id=category, parent_id=parent)


def created(category: CategoryId, name: str, parent: CategoryId | None = None) -> CategoryCreated:
    return CategoryCreated(category_id=category, name=name, parent_id=parent)


def renamed(category: CategoryId, name: str) -> CategoryRenamed:
    return CategoryRenamed(category_id=category, name=name)


def moved(category: CategoryId, parent: CategoryId | None) -> CategoryMoved:
    return CategoryMoved(category_id=category, parent_id=parent)


tree = given(created(DRINKS, "Drinks"), created(TEA, "Tea", DRINKS), created(GREEN, "Green", TEA))


def chain(length: int, prefix: str = "c") -> list[CategoryCreated]:
    """So many categories, each below the one before."""
    ids = [CategoryId(f"{prefix}{n}") for n in range(length)]
    return [created(own, own, parent) for own, parent in zip(ids, [None, *ids], strict=False)]


def test_a_category_hangs_under_another_or_is_a_root() -> None:
    given().when(create(DRINKS, "Drinks"), create(TEA, "Tea", DRINKS)).then(
        created(DRINKS, "Drinks"), created(TEA, "Tea", DRINKS)
    )
    assert list(tree.state.path(GREEN)) == [GREEN, TEA, DRINKS]


def test_a_category_created_again_is_a_repeat() -> None:
    tree.when(create(TEA, "Tea", DRINKS)).then()


def test_an_id_is_given_once() -> None:
    assert tree.when(create(TEA, "Tea")).refused(CategoryExists).field == "category_id"
    assert tree.when(create(TEA, "Teas", DRINKS)).refused(CategoryExists).field == "category_id"


def test_a_parent_exists() -> None:
    assert given().when(create(TEA, "Tea", DRINKS)).refused(CategoryNotFound).field == "parent_id"
    assert tree.when(move(TEA, POTS)).refused(CategoryNotFound).field == "parent_id"


def test_what_does_not_exist_can_be_neither_renamed_nor_moved() -> None:
    assert tree.when(rename(POTS, "Pots")).refused(CategoryNotFound).field is None
    assert tree.when(move(POTS, TEA)).refused(CategoryNotFound).field is None


@pytest.mark.parametrize("name", ["Tea", "tea", " TEA "])
def test_two_siblings_do_not_share_a_name(name: str) -> None:
    assert tree.when(create(POTS, name, DRINKS)).refused(NameTaken).field == "name"
    tree.given(created(POTS, "Pots", DRINKS)).when(rename(POTS, name)).refused(NameTaken)
    tree.given(created(POTS, name)).when(move(POTS, DRINKS)).refused(NameTaken)


def test_cousins_may_share_a_name() -> None:
    tree.when(create(POTS, "Tea")).then(created(POTS, "Tea"))
    tree.when(create(POTS, "Tea", TEA)).then(created(POTS, "Tea", TEA))


def test_a_category_may_change_the_case_of_its_own_name() -> None:
    tree.when(rename(TEA, "TEA")).then(renamed(TEA, "TEA"))
    assert tree.given(renamed(TEA, "TEA")).state.nodes[TEA].name == "TEA"


def test_renaming_and_moving_to_where_it_is_change_nothing() -> None:
    tree.when(rename(TEA, "Tea"), move(TEA, DRINKS), move(DRINKS, None)).then()


def test_a_category_moves_with_all_below_it() -> None:
    tree.when(create(POTS, "Pots"), move(TEA, POTS)).then(created(POTS, "Pots"), moved(TEA, POTS))
    assert list(tree.given(created(POTS, "Pots"), moved(TEA, POTS)).state.path(GREEN)) == [GREEN, TEA, POTS]


def test_a_category_can_become_a_root() -> None:
    tree.when(move(TEA, None)).then(moved(TEA, None))


@pytest.mark.parametrize("parent", [DRINKS, TEA, GREEN])
def test_a_category_is_never_below_itself(parent: CategoryId) -> None:
    assert tree.when(move(DRINKS, parent)).refused(BelowItself).field == "parent_id"


def test_the_tree_has_ten_levels_at_most() -> None:
    full = given(*chain(MOST_LEVELS))
    full.when(create(TEA, "Tea", CategoryId("c8"))).then(created(TEA, "Tea", CategoryId("c8")))
    assert full.when(create(TEA, "Tea", CategoryId("c9"))).refused(TooDeep).field == "parent_id"


def test_a_move_counts_the_levels_below() -> None:
    two = given(*chain(7), *chain(4, "d"))
    two.when(move(CategoryId("d0"), CategoryId("c5"))).then(moved(CategoryId("d0"), CategoryId("c5")))
    two.when(move(CategoryId("d0"), CategoryId("c6"))).refused(TooDeep)


@pytest.mark.parametrize("name", ["", " ", "x" * 101])
@pytest.mark.parametrize("ask", [lambda name: create(POTS, name), lambda name: rename(TEA, name)])
def test_a_name_is_neither_missing_nor_too_long(ask: Callable[[str], CategoryCommand], name: str) -> None:
    assert tree.when(ask(name)).refused(TextOutOfBounds).field == "name"


def test_an_id_fits_into_an_address() -> None:
    given().when(create(CategoryId("a b"), "Tea")).refused(NotACode)


def test_a_category_with_none_below_it_is_deleted_and_its_name_is_free() -> None:
    gone = CategoryDeleted(category_id=GREEN)
    tree.when(DeleteCategory(category_id=GREEN)).then(gone)
    tree.given(gone).when(DeleteCategory(category_id=GREEN)).then()
    tree.given(gone).when(create(POTS, "Green", TEA)).then(created(POTS, "Green", TEA))
    assert tree.given(gone).when(rename(GREEN, "Greener")).refused(CategoryNotFound).field is None
    assert "Green" in tree.when(DeleteCategory(category_id=TEA)).refused(CategoryNotEmpty).detail
