"""Staff, roles and API keys as rows."""

from datetime import timedelta

import asyncpg
import pytest

from domain.api_key.events import ApiKeyIssued, ApiKeyRevoked
from domain.shared.personal import Sealed
from domain.staff.events import (
    PermissionsSet,
    RoleGiven,
    RoleRemoved,
    RoleWithdrawn,
    StaffInvited,
    StaffJoined,
    StaffRemoved,
)
from projections import staff
from projections.engine.paging import Window
from projections.staff import PROJECTION, IssuedKey, StaffMember, StaffRole
from tests.support.builders.event_log_builder import NOON, Log, build, feed

DAY = timedelta(days=1)


def sealed(subject: str, what: str) -> Sealed:
    return Sealed(subject=subject, ciphertext=what)


def told() -> Log:
    log = Log()
    log.tell(
        PermissionsSet(role="boss", permissions=("orders", "admin"), second_factor=True),
        PermissionsSet(role="packer", permissions=("stock",), second_factor=False),
        PermissionsSet(role="idle", permissions=(), second_factor=False),
        StaffInvited(subject="ada", email=sealed("ada", "a@"), name=sealed("ada", "Ada"), roles=("boss",)),
        StaffInvited(subject="ben", email=sealed("ben", "b@"), name=None, roles=("packer",)),
        StaffInvited(subject="eve", email=sealed("eve", "e@"), name=None, roles=("packer",)),
        StaffJoined(subject="ada"),
        RoleGiven(subject="ada", role="packer"),
        RoleGiven(subject="ben", role="boss"),
        RoleWithdrawn(subject="ben", role="packer"),
        PermissionsSet(role="packer", permissions=("fulfilment",), second_factor=False),
        StaffRemoved(subject="eve", reason="Left"),
        RoleRemoved(role="idle"),
        stream="staff-roster",
        by="staff:root",
    )
    log.tell(
        ApiKeyIssued(key_id="k1", name="Scales", permissions=("stock",), expires_at=NOON + DAY),
        ApiKeyIssued(key_id="k2", name="Label printer", permissions=("fulfilment",), expires_at=NOON + DAY),
        ApiKeyRevoked(key_id="k1", reason="Leaked"),
        stream="apikey-registry",
        by="staff:ada",
    )
    return log


@pytest.mark.parametrize("size", [1, 100])
async def test_members_roles_and_keys_are_listed(connection: asyncpg.Connection, size: int) -> None:
    log, tables = told(), await build(connection, PROJECTION)
    await feed(tables, PROJECTION, log.recorded, size)
    at = [recorded.recorded_at for recorded in log.recorded]
    ada = StaffMember(
        subject="ada",
        email=sealed("ada", "a@"),
        name=sealed("ada", "Ada"),
        roles=("boss", "packer"),
        invited_at=at[3],
        invited_by="staff:root",
        joined_at=at[6],
    )
    ben = StaffMember(
        subject="ben",
        email=sealed("ben", "b@"),
        name=None,
        roles=("boss",),
        invited_at=at[4],
        invited_by="staff:root",
        joined_at=None,
    )
    page = await staff.members(tables, Window(size=10))
    assert [item for _, item in page.items] == [ada, ben]
    assert [item for _, item in (await staff.members(tables, Window(size=10), "packer")).items] == [ada]
    assert [item for _, item in (await staff.members(tables, Window(size=1, after=("ada",)))).items] == [ben]
    assert await staff.roles(tables) == [
        StaffRole(role="boss", permissions=("orders", "admin"), second_factor=True, members=2),
        StaffRole(role="packer", permissions=("fulfilment",), second_factor=False, members=1),
    ]


async def test_keys_are_listed_the_latest_first(connection: asyncpg.Connection) -> None:
    log, tables = told(), await build(connection, PROJECTION)
    await feed(tables, PROJECTION, log.recorded)
    at = [recorded.recorded_at for recorded in log.recorded]
    k1 = IssuedKey(
        key_id="k1",
        name="Scales",
        permissions=("stock",),
        issued_at=at[13],
        issued_by="staff:ada",
        expires_at=NOON + DAY,
        revoked_at=at[15],
    )
    k2 = IssuedKey(
        key_id="k2",
        name="Label printer",
        permissions=("fulfilment",),
        issued_at=at[14],
        issued_by="staff:ada",
        expires_at=NOON + DAY,
        revoked_at=None,
    )
    page = await staff.api_keys(tables, Window(size=1))
    assert ([item for _, item in page.items], page.more_after) == ([k2], True)
    page = await staff.api_keys(tables, Window(size=1, after=page.items[0][0]))
    assert ([item for _, item in page.items], page.more_after) == ([k1], False)
