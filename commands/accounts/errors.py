"""Why an account cannot be used as asked."""

from domain.shared.errors import Conflict, DomainError, Invalid


class WrongCredentials(DomainError):
    """The address and the password do not belong together."""

    def __init__(self) -> None:
        super().__init__("The address or the password is not right. Try again, or ask for a new password.")


class SessionOver(DomainError):
    """The session has ended."""

    def __init__(self, detail: str = "The session has ended. Log in again.") -> None:
        super().__init__(detail)


class TooManyAttempts(DomainError):
    """Too many attempts."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("There were too many attempts. Wait as long as Retry-After says.")
        self.retry_after = max(1, round(retry_after))


class Busy(DomainError):
    """Too many passwords are being checked at this moment."""

    def __init__(self) -> None:
        super().__init__("Too many passwords are being checked at this moment. Try again in a few seconds.")


class LinkNotValid(Invalid):
    """The link was used, replaced by a newer one, or is older than an hour."""

    def __init__(self) -> None:
        super().__init__("The link was used, replaced by a newer one, or is too old. Ask for a new one.", "token")


class WeakPassword(Invalid):
    """The password is easily guessed."""


class AddressTaken(Conflict):
    """The address belongs to another account."""


class SessionNotFound(DomainError):
    """There is no such session of the caller's."""
