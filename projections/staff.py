"""Who is on the staff with which roles, what the roles permit, and the API keys."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from domain.api_key.events import ApiKeyEvent, ApiKeyIssued, ApiKeyRevoked
from domain.shared.personal import Sealed
from domain.shared.recorded import EventView
from domain.staff.events import (
    PermissionsSet,
    RoleGiven,
    RoleRemoved,
    RoleWithdrawn,
    StaffInvited,
    StaffJoined,
    StaffRemoved,
)
from projections.engine.paging import Ordering, Page, Window, page_of
from projections.engine.ports import Row, Tables
from projections.engine.projection import Projection

DDL = """
create table {s}.staff_members (
    subject text primary key,
    email text not null,
    name text,
    roles text[] not null,
    invited_at timestamptz not null,
    invited_by text not null,
    joined_at timestamptz
);
create table {s}.staff_roles (
    role text primary key,
    permissions text[] not null,
    second_factor bool not null
);
create table {s}.api_keys (
    key_id text primary key,
    name text not null,
    permissions text[] not null,
    issued_at timestamptz not null,
    issued_by text not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index on {s}.api_keys (issued_at, key_id);
"""

_INVITED = """
insert into {s}.staff_members (subject, email, name, roles, invited_at, invited_by) values ($1, $2, $3, $4, $5, $6)
on conflict (subject) do nothing
"""
_JOINED = "update {s}.staff_members set joined_at = $2 where subject = $1"
_GIVEN = "update {s}.staff_members set roles = array(select unnest(roles || $2::text) order by 1) where subject = $1"
_WITHDRAWN = "update {s}.staff_members set roles = array_remove(roles, $2) where subject = $1"
_REMOVED = "delete from {s}.staff_members where subject = $1"
_PERMITS = """
insert into {s}.staff_roles (role, permissions, second_factor) values ($1, $2, $3)
on conflict (role) do update set permissions = excluded.permissions, second_factor = excluded.second_factor
"""
_ROLE_REMOVED = "delete from {s}.staff_roles where role = $1"
_ISSUED = """
insert into {s}.api_keys (key_id, name, permissions, expires_at, issued_at, issued_by) values ($1, $2, $3, $4, $5, $6)
on conflict (key_id) do nothing
"""
_REVOKED = "update {s}.api_keys set revoked_at = $2 where key_id = $1"

ShownStaffEvent = StaffInvited | StaffJoined | RoleGiven | RoleWithdrawn | StaffRemoved | PermissionsSet | RoleRemoved
"""Passkeys are their holders' business."""

BY_SUBJECT = Ordering(columns=("subject",))
LATEST = Ordering(columns=("issued_at", "key_id"), descending=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """`joined_at` is None while they are invited. Address and name are sealed for the subject."""

    subject: str
    email: Sealed
    name: Sealed | None
    roles: tuple[str, ...]
    invited_at: datetime
    invited_by: str
    joined_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRole:
    role: str
    permissions: tuple[str, ...]
    second_factor: bool
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedKey:
    key_id: str
    name: str
    permissions: tuple[str, ...]
    issued_at: datetime
    issued_by: str
    expires_at: datetime
    revoked_at: datetime | None


async def project(batch: Sequence[EventView[Any]], tables: Tables) -> None:
    """One statement an event: staff change seldom."""
    for recorded in batch:
        statement, *values = _statement(recorded)
        await tables.execute(statement, *values)


def _statement(recorded: EventView[ShownStaffEvent | ApiKeyEvent]) -> tuple[Any, ...]:
    at, by = recorded.recorded_at, recorded.actor
    match recorded.fact:
        case StaffInvited(subject=subject, email=email, name=name, roles=roles):
            return _INVITED, subject, email.ciphertext, name and name.ciphertext, list(roles), at, by
        case StaffJoined(subject=subject):
            return _JOINED, subject, at
        case RoleGiven(subject=subject, role=role):
            return _GIVEN, subject, role
        case RoleWithdrawn(subject=subject, role=role):
            return _WITHDRAWN, subject, role
        case StaffRemoved(subject=subject):
            return _REMOVED, subject
        case PermissionsSet(role=role, permissions=permissions, second_factor=second_factor):
            return _PERMITS, role, list(permissions), second_factor
        case RoleRemoved(role=role):
            return _ROLE_REMOVED, role
        case ApiKeyIssued(key_id=key_id, name=called, permissions=permissions, expires_at=expires_at):
            return _ISSUED, key_id, called, list(permissions), expires_at, at, by
        case ApiKeyRevoked(key_id=key_id):
            return _REVOKED, key_id, at


PROJECTION = Projection(
    name="staff",
    version=1,
    handles=(*get_args(ShownStaffEvent), *get_args(ApiKeyEvent)),
    tables=("staff_members", "staff_roles", "api_keys"),
    ddl=DDL,
    project=project,
)


async def members(tables: Tables, window: Window, role: str | None = None) -> Page[StaffMember]:
    """Members by subject, all of them or those with a role."""
    values: list[object] = []
    conditions = ["true"]
    if role is not None:
        values.append(role)
        conditions.append("$1 = any(roles)")
    conditions += BY_SUBJECT.conditions(window, values)
    rows = await tables.fetch(
        f"""
        select subject, email, name, roles, invited_at, invited_by, joined_at from {{s}}.staff_members
        where {" and ".join(conditions)} {BY_SUBJECT.clause(window)}
        """,
        *values,
    )
    return page_of(rows, window, lambda row: (row["subject"],), _member)


async def by_subjects(tables: Tables, subjects: Collection[str]) -> Mapping[str, StaffMember]:
    """Those of them who are on the staff."""
    if not subjects:
        return {}
    rows = await tables.fetch(
        """
        select subject, email, name, roles, invited_at, invited_by, joined_at from {s}.staff_members
        where subject = any($1)
        """,
        list(subjects),
    )
    return {row["subject"]: _member(row) for row in rows}


async def names_of_keys(tables: Tables, ids: Collection[str]) -> Mapping[str, str]:
    """By id, also of keys that are over."""
    if not ids:
        return {}
    rows = await tables.fetch("select key_id, name from {s}.api_keys where key_id = any($1)", list(ids))
    return {row["key_id"]: row["name"] for row in rows}


async def roles(tables: Tables) -> Sequence[StaffRole]:
    """All roles by name. The domain limits their number."""
    rows = await tables.fetch(
        """
        select role, permissions, second_factor,
            (select count(*) from {s}.staff_members where it.role = any(roles)) as members
        from {s}.staff_roles it order by role
        """
    )
    return [
        StaffRole(
            role=row["role"],
            permissions=tuple(row["permissions"]),
            second_factor=row["second_factor"],
            members=row["members"],
        )
        for row in rows
    ]


async def api_keys(tables: Tables, window: Window) -> Page[IssuedKey]:
    """Keys, also those that are over, the latest first."""
    values: list[object] = []
    conditions = ["true", *LATEST.conditions(window, values)]
    rows = await tables.fetch(
        f"""
        select key_id, name, permissions, issued_at, issued_by, expires_at, revoked_at from {{s}}.api_keys
        where {" and ".join(conditions)} {LATEST.clause(window)}
        """,
        *values,
    )
    return page_of(rows, window, lambda row: (row["issued_at"], row["key_id"]), _key)


def _member(row: Row) -> StaffMember:
    subject, name = row["subject"], row["name"]
    return StaffMember(
        subject=subject,
        email=Sealed(subject=subject, ciphertext=row["email"]),
        name=None if name is None else Sealed(subject=subject, ciphertext=name),
        roles=tuple(row["roles"]),
        invited_at=row["invited_at"],
        invited_by=row["invited_by"],
        joined_at=row["joined_at"],
    )


def _key(row: Row) -> IssuedKey:
    return IssuedKey(
        key_id=row["key_id"],
        name=row["name"],
        permissions=tuple(row["permissions"]),
        issued_at=row["issued_at"],
        issued_by=row["issued_by"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
