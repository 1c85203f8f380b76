"""Why a page is not what was asked for; each has an error page (web/http/errors.py)."""


class NotFound(Exception):
    """There is no such thing, or it is another visitor's."""


class SessionOver(Exception):
    """The session's token is not valid any more."""


class AccessRefused(Exception):
    """The visitor may not do or see that."""


class ReauthenticationRequired(Exception):
    """The command needs a login a short time ago; it was not carried out."""


class TryLater(Exception):
    """The shop cannot answer now."""

    def __init__(self, seconds: int = 1, *, rebuilding: bool = False) -> None:
        super().__init__(seconds)
        self.seconds = seconds
        self.rebuilding = rebuilding
