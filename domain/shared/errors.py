"""Why the domain says no. Errors know nothing of status codes."""


class DomainError(Exception):
    """The request cannot be carried out."""

    def __init__(self, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.number: int | None = None
        """Which of several commands in one request it is about, counted from 0."""

    def within(self, items: str, before: int = 0) -> None:
        """Name the field by its place in the request, whose `items` became commands behind `before` others."""
        if self.field is not None and self.number is not None and self.number >= before:
            self.field = f"{items}.{self.number - before}.{self.field}"


class NotFound(DomainError):
    """There is no such thing."""


class Conflict(DomainError):
    """The request does not fit the present state."""


class Invalid(DomainError):
    """The request can never be carried out as it stands."""


class NotYours(DomainError):
    """The thing belongs to another caller."""
