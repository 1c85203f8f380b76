"""Why API keys refuse a command."""

from domain.shared.errors import Conflict, Invalid, NotFound


class ApiKeyNotFound(NotFound):
    """There is no such key."""


class ApiKeyExists(Conflict):
    """A key with this id was issued before."""


class NotForKeys(Invalid):
    """A key cannot have this permission."""


class LifetimeOutOfBounds(Invalid):
    """A key ends too soon or too late."""


class TooManyKeys(Conflict):
    """There are as many keys as there can be."""
