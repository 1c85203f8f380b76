"""Why the category tree says no."""

from domain.shared.errors import Conflict, NotFound


class CategoryNotFound(NotFound):
    """There is no such category."""


class CategoryExists(Conflict):
    """The category was created before, with another name or another parent."""


class NameTaken(Conflict):
    """A category beside this one has the same name."""


class BelowItself(Conflict):
    """A category cannot hang below itself."""


class CategoryNotEmpty(Conflict):
    """There are categories below it."""


class TooDeep(Conflict):
    """The tree of categories would become too deep."""
