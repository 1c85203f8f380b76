"""What can happen to the category tree."""

from domain.shared.ids import CategoryId
from domain.shared.messages import event


@event("category.created.v1")
class CategoryCreated:
    category_id: CategoryId
    name: str
    parent_id: CategoryId | None


@event("category.renamed.v1")
class CategoryRenamed:
    category_id: CategoryId
    name: str


@event("category.moved.v1")
class CategoryMoved:
    category_id: CategoryId
    parent_id: CategoryId | None


@event("category.deleted.v1")
class CategoryDeleted:
    category_id: CategoryId


CategoryEvent = CategoryCreated | CategoryRenamed | CategoryMoved | CategoryDeleted
