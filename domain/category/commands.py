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
    """Hang it, with all below it, under another parent (none: make it a root)."""

    category_id: CategoryId
    parent_id: CategoryId | None


CategoryCommand = CreateCategory | RenameCategory | MoveCategory
