"""Why the staff roster refuses a command."""

from domain.shared.errors import Conflict, Invalid, NotFound


class StaffNotFound(NotFound):
    """There is no such member of staff."""


class RoleNotFound(NotFound):
    """There is no such role."""


class UnknownPermission(Invalid):
    """There is no such permission, or staff cannot have it."""


class TooManyStaffPasskeys(Conflict):
    """The member has as many passkeys as they can."""


class LastWayInOfStaff(Conflict):
    """Without it nothing would be left to log in with."""


class AlreadyInvited(Conflict):
    """The member was invited before, with other roles."""


class LastAdministrator(Conflict):
    """No administrator of staff, roles and API keys would be left."""


class RoleInUse(Conflict):
    """There are members with this role."""


class RosterFull(Conflict):
    """There are as many members or roles as there can be."""
