"""Why a request is turned away before any rule of the domain is asked."""


class RequestError(Exception):
    """The request cannot be taken."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotAuthenticated(RequestError):
    """The caller is not authenticated."""


class NotAllowed(RequestError):
    """The caller may not do that."""


class ReauthenticationRequired(RequestError):
    """The request is for those who have logged in within ten minutes."""


class MalformedJson(RequestError):
    """The body is not JSON."""


class UnusableKey(RequestError):
    """The Idempotency-Key cannot be used."""


class UnusableETag(RequestError):
    """The If-Match cannot be used."""


class BodyTooLarge(RequestError):
    """The body is too large."""


class UnsupportedMediaType(RequestError):
    """The body is of a kind that is not understood here."""


class UnknownPath(RequestError):
    """There is nothing here."""


class MethodNotAllowed(RequestError):
    """This cannot be done here."""


class Overloaded(RequestError):
    """Too many requests are under way."""


class NotReady(RequestError):
    """Something that is needed does not answer."""


class InvalidRequest(RequestError):
    """The request does not have the right shape."""


class InternalError(RequestError):
    """Something went wrong on our side."""
