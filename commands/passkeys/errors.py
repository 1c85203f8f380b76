"""Why a passkey cannot be used as asked."""

from domain.shared.errors import Conflict, DomainError, NotFound


class PasskeyRefused(DomainError):
    """The passkey was not accepted."""

    def __init__(self) -> None:
        super().__init__("The passkey was not accepted. Try again, or use another way to log in.")


class PasskeyKnown(Conflict):
    """The passkey belongs to an account already."""


class PasskeyNotFound(NotFound):
    """There is no such passkey of the caller's."""


class NoPasskeysHere(Conflict):
    """Passkeys need a shop whose address has a name."""
