"""Why a customer's account says no."""

from domain.shared.errors import Conflict, Invalid, NotFound


class AccountNotFound(NotFound):
    """There is no such account."""


class AccountExists(Conflict):
    """The account exists already."""


class AddressNotFound(NotFound):
    """The address book has no such address."""


class AddressBookFull(Conflict):
    """The address book holds as many addresses as it can."""


class TooManyConsents(Conflict):
    """There is a limit to the purposes that consent is recorded for."""


class TooManyPasskeys(Conflict):
    """The account has as many passkeys as it can."""


class LastWayIn(Conflict):
    """Without it nothing would be left to log in with."""


class NotAGuest(Invalid):
    """Only orders of guests can be claimed."""
