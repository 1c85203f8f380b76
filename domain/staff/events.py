"""What can happen to the staff roster."""

from domain.shared.messages import event
from domain.shared.personal import Sealed


@event("staff.invited.v1")
class StaffInvited:
    subject: str
    email: Sealed
    name: Sealed | None
    roles: tuple[str, ...]


@event("staff.joined.v1")
class StaffJoined:
    subject: str


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


StaffEvent = StaffInvited | StaffJoined | RoleGiven | RoleWithdrawn | StaffRemoved | PermissionsSet | RoleRemoved
