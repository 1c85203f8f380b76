"""What can happen to the staff roster."""

from domain.shared.messages import event
from domain.shared.personal import Sealed
from domain.staff.commands import WayIn


@event("staff.invited.v1")
class StaffInvited:
    subject: str
    email: Sealed
    name: Sealed | None
    roles: tuple[str, ...]


@event("staff.joined.v2")
class StaffJoined:
    """`by` is what they log in with."""

    subject: str
    by: WayIn = WayIn.PASSWORD


@event("staff.passkey_added.v1")
class StaffPasskeyAdded:
    """The credential itself is in the identity store."""

    subject: str
    passkey_id: str


@event("staff.passkey_removed.v1")
class StaffPasskeyRemoved:
    subject: str
    passkey_id: str


@event("staff.role_given.v1")
class RoleGiven:
    subject: str
    role: str


@event("staff.role_withdrawn.v1")
class RoleWithdrawn:
    subject: str
    role: str


@event("staff.removed.v1")
class StaffRemoved:
    subject: str
    reason: str


@event("role.permissions_set.v1")
class PermissionsSet:
    role: str
    permissions: tuple[str, ...]
    second_factor: bool


@event("role.removed.v1")
class RoleRemoved:
    role: str


StaffEvent = (
    StaffInvited
    | StaffJoined
    | StaffPasskeyAdded
    | StaffPasskeyRemoved
    | RoleGiven
    | RoleWithdrawn
    | StaffRemoved
    | PermissionsSet
    | RoleRemoved
)
