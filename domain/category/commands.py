"""What can be asked of the category tree."""

from domain.shared.ids import CategoryId
from domain.shared.messages import command


@command("category.create.v1")
class CreateCategory:
    category_id: CategoryId
    name: str
    parent_id: CategoryId | None = None


@command("category.rename.v1")
class RenameCategory:
    category_id: CategoryId
    name: str


@command("category.move.v1")
class MoveCategory:
    """Move it, with all below it, under another parent (none: make it a root)."""

    category_id: CategoryId
    parent_id: CategoryId | None


@command("category.delete.v1")
class DeleteCategory:
    """Take a category with none below it out of the tree. Products in it stay listed in the one above."""

    category_id: CategoryId


CategoryCommand = CreateCategory | RenameCategory | MoveCategory | DeleteCategory
