"""The category tree."""

from typing import Self

import strawberry

from domain.shared.ids import CategoryId
from projections import category_tree
from read_api.graphql.context import Info
from read_api.graphql.relay import Node, id_from, key_of
from read_api.graphql.values import Eventually, described


@strawberry.type(description="A node of the category tree.")
class Category(Node):
    id: strawberry.ID = strawberry.field(resolver=id_from("Category", "category_id"))
    category_id: strawberry.ID
    name: str
    state: strawberry.Private[category_tree.Category]
    way: strawberry.Private[tuple[category_tree.Category, ...] | None]

    @classmethod
    def of(cls, state: category_tree.Category, way: tuple[category_tree.Category, ...] | None = None) -> Self:
        return cls(
            category_id=strawberry.ID(state.category_id),
            name=state.name,
            state=state,
            way=way,
        )

    @classmethod
    def at_the_end_of(cls, way: tuple[category_tree.Category, ...]) -> Self:
        """A category of which the way down to it is known."""
        return cls.of(way[-1], way)

    @classmethod
    async def found(cls, it: CategoryId, info: Info) -> Self | None:
        state = await info.context.loaders.categories.load(it)
        return cls.of(state) if state else None

    @described("None for a department.")
    async def parent(self, info: Info) -> "Category | None":
        if self.state.parent_id is None:
            return None
        state = await info.context.loaders.categories.load(self.state.parent_id)
        return Category.of(state) if state else None

    @described("The way down to this category, itself included.", list["Category"])
    def path(self, info: Info) -> "Eventually[list[Category]]":
        if (way := self.way) is None:
            return self._path(info)
        return [Category.of(state, way[: number + 1]) for number, state in enumerate(way)]

    async def _path(self, info: Info) -> "list[Category]":
        found = await info.context.loaders.categories.load_many(self.state.path)
        return [Category.of(state) for state in found if state]

    @described("The categories right below, by name.")
    async def children(self, info: Info) -> list["Category"]:
        found = await info.context.loaders.subcategories.load(self.state.category_id)
        return [Category.of(state) for state in found or []]


async def find_category(info: Info, id: strawberry.ID) -> Category | None:
    state = await info.context.loaders.categories.load(CategoryId(key_of("Category", id)))
    return Category.of(state) if state else None


async def departments(info: Info) -> list[Category]:
    tables = await info.context.tables(category_tree.PROJECTION.name)
    return [Category.of(state) for state in await category_tree.roots(tables)]
