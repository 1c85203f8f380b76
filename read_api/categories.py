"""The category tree."""

from typing import Self

import strawberry

from domain.shared.ids import CategoryId
from projections import category_tree
from read_api.context import Info
from read_api.relay import Node, global_id, key_of
from read_api.values import described


@strawberry.type(description="A node of the category tree.")
class Category(Node):
    category_id: strawberry.ID
    name: str
    state: strawberry.Private[category_tree.Category]

    @classmethod
    def of(cls, state: category_tree.Category) -> Self:
        return cls(
            id=global_id("Category", state.category_id),
            category_id=strawberry.ID(state.category_id),
            name=state.name,
            state=state,
        )

    @described("None for a department.")
    async def parent(self, info: Info) -> "Category | None":
        if self.state.parent_id is None:
            return None
        state = await info.context.loaders.categories.load(self.state.parent_id)
        return Category.of(state) if state else None

    @described("The way down to this category, itself included.")
    async def path(self, info: Info) -> list["Category"]:
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
