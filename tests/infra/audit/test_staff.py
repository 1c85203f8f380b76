"""A roster without an administrator is found."""

import pytest

from commands.ports import EventStore
from domain.shared.personal import Sealed
from domain.staff.events import PermissionsSet, RoleWithdrawn, StaffInvited, StaffJoined, StaffRemoved
from tests.support.builders.auditing import failed, verdict, written
from tests.support.builders.shop import Append

REMAINS = "once there is an administrator, at least one remains"


def permits(*permissions: str) -> PermissionsSet:
    return PermissionsSet(role="boss", permissions=permissions, second_factor=False)


def invited(subject: str) -> StaffInvited:
    email = Sealed(subject=subject, ciphertext="sealed")
    return StaffInvited(subject=subject, email=email, name=None, roles=("boss",))


ROSTER = [permits("admin"), invited("ada"), StaffJoined(subject="ada"), invited("ben")]


@pytest.mark.parametrize(
    "forged",
    [
        permits("orders"),
        RoleWithdrawn(subject="ada", role="boss"),
        StaffRemoved(subject="ada", reason="Left"),
    ],
)
async def test_the_fact_that_left_no_administrator_is_found(
    database_url: str, store: EventStore, forged: object
) -> None:
    await written(store, Append("staff-roster", [*ROSTER, forged]))
    assert failed(await verdict(database_url, store)) == {
        REMAINS: ["staff-roster at revision 4: no administrator is left."]
    }


async def test_a_roster_with_another_administrator_passes(database_url: str, store: EventStore) -> None:
    facts = [*ROSTER, StaffJoined(subject="ben"), StaffRemoved(subject="ada", reason="Left")]
    await written(store, Append("staff-roster", facts))
    assert failed(await verdict(database_url, store)) == {}
