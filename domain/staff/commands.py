"""What can be asked of the staff roster: its members and its roles."""

from domain.shared.messages import command
from domain.shared.personal import Sealed


@command("staff.invite.v1")
class InviteStaff:
    """`email` and `name` are sealed for the subject."""

    subject: str
    email: Sealed
    name: Sealed | None
    roles: tuple[str, ...]


@command("staff.join.v1")
class JoinStaff:
    """The invited person has set a password, or has logged in at the identity provider."""

    subject: str


@command("staff.give_role.v1")
class GiveRole:
    subject: str
    role: str


@command("staff.withdraw_role.v1")
class WithdrawRole:
    subject: str
    role: str


@command("staff.remove.v1")
class RemoveStaff:
    """They have no access from now on. An invitation that was not accepted is withdrawn."""

    subject: str
    reason: str


@command("role.set_permissions.v1")
class SetPermissions:
    """Create a role, or change what it permits. `second_factor`: its holders log in with one."""

    role: str
    permissions: tuple[str, ...]
    second_factor: bool


@command("role.remove.v1")
class RemoveRole:
    """Remove a role that no member has."""

    role: str


StaffCommand = InviteStaff | JoinStaff | GiveRole | WithdrawRole | RemoveStaff | SetPermissions | RemoveRole
