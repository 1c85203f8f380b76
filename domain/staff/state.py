"""Who is on the staff, with which roles, and what these permit."""

from dataclasses import dataclass, field
from typing import assert_never

from immutables import Map

from domain.shared.frozen import replace
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
from domain.staff.permissions import Permission


@dataclass(frozen=True, slots=True)
class Member:
    """Invited until `joined`."""

    roles: frozenset[str]
    joined: bool = False
    passkeys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Role:
    """What a role permits, and whether its holders log in with a second factor."""

    permissions: frozenset[str]
    second_factor: bool


@dataclass(frozen=True, slots=True)
class Roster:
    """Members by subject, roles by name. Every role of a member exists."""

    members: Map[str, Member] = field(default_factory=Map)
    roles: Map[str, Role] = field(default_factory=Map)

    def permissions_of(self, subject: str) -> frozenset[str]:
        """What a member may do; one who has not joined may do nothing."""
        member = self.members.get(subject)
        if member is None or not member.joined:
            return frozenset()
        return frozenset(one for role in member.roles for one in self.roles[role].permissions)

    def needs_second_factor(self, subject: str) -> bool:
        """Whether one of the member's roles demands a second factor."""
        member = self.members.get(subject)
        return member is not None and any(self.roles[role].second_factor for role in member.roles)

    @property
    def administrators(self) -> frozenset[str]:
        """Members who can log in and administer."""
        return frozenset(it for it in self.members if Permission.ADMIN in self.permissions_of(it))


def evolve(roster: Roster, event: StaffEvent) -> Roster:
    """The roster after the fact."""
    match event:
        case StaffInvited(subject=subject, roles=roles):
            return _with(roster, subject, Member(frozenset(roles)))
        case StaffJoined(subject=subject):
            return _with(roster, subject, replace(roster.members[subject], joined=True))
        case StaffPasskeyAdded(subject=subject, passkey_id=passkey_id):
            member = roster.members[subject]
            return _with(roster, subject, replace(member, passkeys=member.passkeys | {passkey_id}))
        case StaffPasskeyRemoved(subject=subject, passkey_id=passkey_id):
            member = roster.members[subject]
            return _with(roster, subject, replace(member, passkeys=member.passkeys - {passkey_id}))
        case RoleGiven(subject=subject, role=role):
            member = roster.members[subject]
            return _with(roster, subject, replace(member, roles=member.roles | {role}))
        case RoleWithdrawn(subject=subject, role=role):
            member = roster.members[subject]
            return _with(roster, subject, replace(member, roles=member.roles - {role}))
        case StaffRemoved(subject=subject):
            return replace(roster, members=roster.members.delete(subject))
        case PermissionsSet(role=role, permissions=permissions, second_factor=second_factor):
            return replace(roster, roles=roster.roles.set(role, Role(frozenset(permissions), second_factor)))
        case RoleRemoved(role=role):
            return replace(roster, roles=roster.roles.delete(role))
        case _:
            assert_never(event)


def _with(roster: Roster, subject: str, member: Member) -> Roster:
    return replace(roster, members=roster.members.set(subject, member))
