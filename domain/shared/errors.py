"""Why the domain says no. Errors know nothing of status codes."""


class DomainError(Exception):
    """The request cannot be carried out."""

    def __init__(self, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class NotFound(DomainError):
    """There is no such thing."""


class Conflict(DomainError):
    """The request does not fit the present state."""


class Invalid(DomainError):
    """The request can never be carried out as it stands."""


class NotYours(DomainError):
    """The thing belongs to somebody else."""
