"""Rules of the staff roster. Once there is an administrator, at least one remains."""

from collections.abc import Collection, Sequence
from typing import assert_never

from domain.shared import require
from domain.shared.decider import Decider
from domain.staff.commands import (
    AddStaffPasskey,
    GiveRole,
    InviteStaff,
    JoinStaff,
    RemoveRole,
    RemoveStaff,
    RemoveStaffPasskey,
    SetPermissions,
    StaffCommand,
    WithdrawRole,
)
from domain.staff.errors import (
    AlreadyInvited,
    LastAdministrator,
    LastWayInOfStaff,
    RoleInUse,
    RoleNotFound,
    RosterFull,
    StaffNotFound,
    TooManyStaffPasskeys,
    UnknownPermission,
)
from domain.staff.events import (
    PermissionsSet,
    RoleGiven,
    RoleRemoved,
    RoleWithdrawn,
    StaffEvent,
    StaffInvited,
    StaffJoined,
    StaffPasskeyAdded,
    StaffPasskeyRemoved,
    StaffRemoved,
)
from domain.staff.permissions import STAFF_PERMISSIONS, any_of, ordered
from domain.staff.state import Member, Role, Roster, evolve

MOST_MEMBERS = 2_000
MOST_ROLES = 50
MOST_PASSKEYS = 20
LONGEST_REASON = 200


def decide(roster: Roster, command: StaffCommand) -> Sequence[StaffEvent]:
    """What follows from a command; raises the errors of this folder."""
    facts = _facts(roster, command)
    if roster.administrators and not staff_decider.replay(facts, since=roster).administrators:
        raise LastAdministrator(
            "No administrator would be left. Give another member who has joined a role with `admin` first."
        )
    return facts


def _facts(roster: Roster, command: StaffCommand) -> Sequence[StaffEvent]:
    match command:
        case InviteStaff():
            return _invite(roster, command)
        case JoinStaff(subject=subject, by=by):
            return [] if _member(roster, subject).joined else [StaffJoined(subject=subject, by=by)]
        case AddStaffPasskey():
            return _add_passkey(roster, command)
        case RemoveStaffPasskey():
            return _remove_passkey(roster, command)
        case GiveRole(subject=subject, role=role):
            member = _member(roster, subject)
            _known(roster, [role], "role")
            return [] if role in member.roles else [RoleGiven(subject=subject, role=role)]
        case WithdrawRole(subject=subject, role=role):
            return [RoleWithdrawn(subject=subject, role=role)] if role in _member(roster, subject).roles else []
        case RemoveStaff(subject=subject, reason=reason):
            require.reason(reason, LONGEST_REASON)
            return [StaffRemoved(subject=subject, reason=reason)] if subject in roster.members else []
        case SetPermissions():
            return _set_permissions(roster, command)
        case RemoveRole(role=role):
            return _remove_role(roster, role)
        case _:
            assert_never(command)


def _invite(roster: Roster, command: InviteStaff) -> Sequence[StaffEvent]:
    require.code(command.subject, "subject")
    _known(roster, command.roles, "roles")
    roles = tuple(sorted(set(command.roles)))
    if (member := roster.members.get(command.subject)) is not None:
        if member.joined or member.roles != set(roles):
            raise AlreadyInvited(f"Member {command.subject} is on the staff already. Change their roles instead.")
        return []
    if len(roster.members) >= MOST_MEMBERS:
        raise RosterFull(f"There are {MOST_MEMBERS} members of staff. Remove those who have left.")
    return [StaffInvited(subject=command.subject, email=command.email, name=command.name, roles=roles)]


def _add_passkey(roster: Roster, command: AddStaffPasskey) -> Sequence[StaffEvent]:
    require.code(command.passkey_id, "passkey_id")
    passkeys = _member(roster, command.subject).passkeys
    if command.passkey_id in passkeys:
        return []
    if len(passkeys) == MOST_PASSKEYS:
        raise TooManyStaffPasskeys(f"A member has {MOST_PASSKEYS} passkeys at most. Remove one first.")
    return [StaffPasskeyAdded(subject=command.subject, passkey_id=command.passkey_id)]


def _remove_passkey(roster: Roster, command: RemoveStaffPasskey) -> Sequence[StaffEvent]:
    """One that is not there is no error."""
    passkeys = _member(roster, command.subject).passkeys
    if command.passkey_id not in passkeys:
        return []
    if len(passkeys) == 1 and not command.another_way:
        raise LastWayInOfStaff("This passkey is all that you can log in with. Add another one first.")
    return [StaffPasskeyRemoved(subject=command.subject, passkey_id=command.passkey_id)]


def _set_permissions(roster: Roster, command: SetPermissions) -> Sequence[StaffEvent]:
    require.code(command.role, "role")
    if unknown := sorted(set(command.permissions) - STAFF_PERMISSIONS):
        raise UnknownPermission(
            f"{unknown[0]!r} is no permission of staff. Choose from {any_of(STAFF_PERMISSIONS)}.", "permissions"
        )
    role = roster.roles.get(command.role)
    if role is None and len(roster.roles) >= MOST_ROLES:
        raise RosterFull(f"There are {MOST_ROLES} roles. Remove one that nobody has.")
    permissions = tuple(map(str, ordered(command.permissions)))
    if role == Role(frozenset(permissions), command.second_factor):
        return []
    return [PermissionsSet(role=command.role, permissions=permissions, second_factor=command.second_factor)]


def _remove_role(roster: Roster, role: str) -> Sequence[StaffEvent]:
    """One that is not there is no error."""
    if role not in roster.roles:
        return []
    holders = sum(role in member.roles for member in roster.members.values())
    if holders:
        raise RoleInUse(f"Members with the role {role}: {holders}. Withdraw it from them first.", "role")
    return [RoleRemoved(role=role)]


def _member(roster: Roster, subject: str) -> Member:
    if (member := roster.members.get(subject)) is None:
        raise StaffNotFound(f"There is no member of staff {subject}. Invite them first.", "subject")
    return member


def _known(roster: Roster, roles: Collection[str], field: str) -> None:
    if unknown := sorted(role for role in roles if role not in roster.roles):
        raise RoleNotFound(f"There is no role {unknown[0]}. Create it first.", field)


staff_decider = Decider(initial=Roster(), decide=decide, evolve=evolve)
