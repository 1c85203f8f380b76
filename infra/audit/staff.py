"""The proof about staff, by a count of its own: a mistake in the roster's rules shows here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.shared.recorded import Recorded
from domain.staff.events import (
    PermissionsSet,
    RoleGiven,
    RoleWithdrawn,
    StaffInvited,
    StaffJoined,
    StaffRemoved,
)
from infra.audit.verdict import Check

ADMIN = "admin"


@dataclass(slots=True)
class StaffAudit:
    """Every change of members and roles."""

    remains: Check = field(default_factory=lambda: Check("once there is an administrator, at least one remains"))
    _administering: set[str] = field(default_factory=set)
    """Roles."""

    _roles: dict[str, set[str]] = field(default_factory=dict)
    """Of each member, also of those who have not joined."""

    _joined: set[str] = field(default_factory=set)
    _had_one: bool = False

    @property
    def checks(self) -> list[Check]:
        return [self.remains]

    @property
    def handlers(self) -> Mapping[type[Any], Any]:
        kinds = (PermissionsSet, RoleGiven, RoleWithdrawn, StaffInvited, StaffJoined, StaffRemoved)
        return dict.fromkeys(kinds, self._changed)

    def _changed(self, recorded: Recorded[Any]) -> None:
        match recorded.fact:
            case PermissionsSet(role=role, permissions=permissions):
                (self._administering.add if ADMIN in permissions else self._administering.discard)(role)
            case StaffInvited(subject=subject, roles=roles):
                self._roles[subject] = set(roles)
            case RoleGiven(subject=subject, role=role):
                self._roles[subject].add(role)
            case RoleWithdrawn(subject=subject, role=role):
                self._roles[subject].discard(role)
            case StaffJoined(subject=subject):
                self._joined.add(subject)
            case StaffRemoved(subject=subject):
                self._joined.discard(subject)
                del self._roles[subject]
        self.remains.looked_at += 1
        has_one = any(self._roles[it] & self._administering for it in self._joined)
        if self._had_one and not has_one:
            self.remains.fail(f"{recorded.stream} at revision {recorded.revision}: no administrator is left.")
        self._had_one = has_one
