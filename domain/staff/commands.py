"""What can be asked of the staff roster: its members and its roles."""

from enum import StrEnum

from domain.shared.messages import command
from domain.shared.personal import Sealed


class WayIn(StrEnum):
    """What members of staff log in with."""

    PASSWORD = "password"
    PASSKEY = "passkey"
    PROVIDER = "provider"


@command("staff.invite.v1")
class InviteStaff:
    """`email` and `name` are sealed for the subject."""

    subject: str
    email: Sealed
    name: Sealed | None
    roles: tuple[str, ...]


@command("staff.join.v1")
class JoinStaff:
    """The invited person has chosen a password or a passkey, or has logged in at the identity provider."""

    subject: str
    by: WayIn = WayIn.PASSWORD


@command("staff.add_passkey.v1")
class AddStaffPasskey:
    subject: str
    passkey_id: str


@command("staff.remove_passkey.v1")
class RemoveStaffPasskey:
    """`another_way`: a password or the identity provider lets the member in too, or they have lost the passkey."""

    subject: str
    passkey_id: str
    another_way: bool


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


StaffCommand = (
    InviteStaff
    | JoinStaff
    | AddStaffPasskey
    | RemoveStaffPasskey
    | GiveRole
    | WithdrawRole
    | RemoveStaff
    | SetPermissions
    | RemoveRole
)
