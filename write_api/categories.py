"""The tree of categories."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from domain.category.commands import CreateCategory, DeleteCategory, MoveCategory, RenameCategory
from domain.shared.ids import CategoryId
from write_api.http.context import Catalogue
from write_api.http.fields import Body, Code, PathId, Text, example
from write_api.http.responses import Accepted
from write_api.http.route import CommandRoute

router = APIRouter(prefix="/categories", tags=["categories"], route_class=CommandRoute)

CategoryName = Annotated[Text, Field(max_length=100)]


class NewCategory(Body):
    """Without a parent it is a root."""

    model_config = example(name="Crockery", parent_id=None)

    name: CategoryName
    parent_id: Code | None = None


class NewName(Body):
    model_config = example(name="Tableware")

    name: CategoryName


class NewParent(Body):
    """null makes it a root."""

    model_config = example(parent_id="kitchen")

    parent_id: Code | None


class CategoryCreated(Accepted):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"position": "48214", "revision": 7, "category_id": "0197f0a7-3f4e-7d30-8b22-8c9d0e1f2a3b"}]
        }
    )

    category_id: str


@router.post("", status_code=201)
async def create_category(context: Catalogue, body: NewCategory) -> CategoryCreated:
    """Create a category. Without a parent it is a department."""
    category = CategoryId(context.new_id("category"))
    parent = None if body.parent_id is None else CategoryId(body.parent_id)
    at = await context.handler(CreateCategory(category_id=category, name=body.name, parent_id=parent), context.metadata)
    context.created("categories", category)
    return context.answer(CategoryCreated, at, category_id=category)


@router.put("/{category_id}/name")
async def rename_category(context: Catalogue, category_id: PathId, body: NewName) -> Accepted:
    """Rename a category."""
    return await context.carry_out(RenameCategory(category_id=CategoryId(category_id), name=body.name))


@router.put("/{category_id}/parent")
async def move_category(context: Catalogue, category_id: PathId, body: NewParent) -> Accepted:
    """Move a category under another parent. All below it moves with it."""
    parent = None if body.parent_id is None else CategoryId(body.parent_id)
    return await context.carry_out(MoveCategory(category_id=CategoryId(category_id), parent_id=parent))


@router.delete("/{category_id}")
async def delete_category(context: Catalogue, category_id: PathId) -> Accepted:
    """Delete a category. None may be below it. Its products stay listed in the one above; a missing one is no error."""
    return await context.carry_out(DeleteCategory(category_id=CategoryId(category_id)))
