"""The staff roster."""

import pytest

from domain.shared.personal import Sealed
from domain.shared.require import AddressInTheClear, NotACode, TextOutOfBounds
from domain.staff import decider
from domain.staff.commands import (
    AddStaffPasskey,
    GiveRole,
    InviteStaff,
    JoinStaff,
    RemoveRole,
    RemoveStaff,
    RemoveStaffPasskey,
    SetPermissions,
    WayIn,
    WithdrawRole,
)
from domain.staff.decider import MOST_PASSKEYS, staff_decider
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
    StaffInvited,
    StaffJoined,
    StaffPasskeyAdded,
    StaffPasskeyRemoved,
    StaffRemoved,
)
from tests.support.harness.spec import Spec

given = Spec(staff_decider).given


def sealed(subject: str) -> Sealed:
    return Sealed(subject=subject, ciphertext="sealed")


def invite(subject: str, *roles: str) -> InviteStaff:
    return InviteStaff(subject=subject, email=sealed(subject), name=None, roles=roles)


def invited(subject: str, *roles: str) -> StaffInvited:
    return StaffInvited(subject=subject, email=sealed(subject), name=None, roles=roles)


def joined(subject: str) -> StaffJoined:
    return StaffJoined(subject=subject)


def permits(role: str, *permissions: str, second_factor: bool = False) -> PermissionsSet:
    return PermissionsSet(role=role, permissions=permissions, second_factor=second_factor)


def set_permissions(role: str, *permissions: str, second_factor: bool = False) -> SetPermissions:
    return SetPermissions(role=role, permissions=permissions, second_factor=second_factor)


BOSS, PACKER = permits("boss", "orders", "admin"), permits("packer", "fulfilment")
ADA = (BOSS, PACKER, invited("ada", "boss"), joined("ada"))


def test_a_role_is_a_set_of_permissions_in_their_order() -> None:
    given().when(set_permissions("boss", "admin", "orders", "admin")).then(BOSS)
    given(BOSS).when(set_permissions("boss", "orders", "admin")).then()
    given(BOSS).when(set_permissions("boss", "admin")).then(permits("boss", "admin"))
    given(BOSS).when(set_permissions("boss", "orders", "admin", second_factor=True)).then(
        permits("boss", "orders", "admin", second_factor=True)
    )
    given().when(set_permissions("guest")).then(permits("guest"))


@pytest.mark.parametrize("permission", ["shop", "everything", ""])
def test_staff_have_no_permission_to_shop_and_none_that_there_is_not(permission: str) -> None:
    given().when(set_permissions("boss", "admin", permission)).refused(UnknownPermission)


def test_a_role_has_a_name() -> None:
    given().when(set_permissions("the boss", "admin")).refused(NotACode)


def test_a_role_is_removed_when_nobody_has_it() -> None:
    given(PACKER).when(RemoveRole(role="packer")).then(RoleRemoved(role="packer"))
    given().when(RemoveRole(role="packer")).then()
    given(PACKER, invited("ben", "packer")).when(RemoveRole(role="packer")).refused(RoleInUse)
    given(PACKER, invited("ben", "packer"), RoleWithdrawn(subject="ben", role="packer")).when(
        RemoveRole(role="packer")
    ).then(RoleRemoved(role="packer"))


def test_a_person_is_invited_with_roles_and_joins_once() -> None:
    given(BOSS, PACKER).when(invite("ada", "packer", "boss")).then(invited("ada", "boss", "packer"))
    given(BOSS, invited("ada", "boss")).when(invite("ada", "boss")).then()
    given(BOSS, invited("ada", "boss")).when(JoinStaff(subject="ada")).then(joined("ada"))
    given(*ADA).when(JoinStaff(subject="ada")).then()
    given(BOSS).when(JoinStaff(subject="ada")).refused(StaffNotFound)


def test_an_invitation_names_roles_that_there_are_and_a_new_person() -> None:
    assert given(BOSS).when(invite("ada", "chief")).refused(RoleNotFound).field == "roles"
    given(BOSS, PACKER, invited("ada", "boss")).when(invite("ada", "packer")).refused(AlreadyInvited)
    given(*ADA).when(invite("ada", "boss")).refused(AlreadyInvited)
    given(BOSS).when(invite("ada ", "boss")).refused(NotACode)


def test_who_was_removed_can_be_invited_again() -> None:
    gone = StaffRemoved(subject="ben", reason="Left")
    given(PACKER, invited("ben", "packer"), gone).when(invite("ben", "packer")).then(invited("ben", "packer"))


def test_roles_are_given_and_withdrawn_once() -> None:
    given(*ADA).when(GiveRole(subject="ada", role="packer")).then(RoleGiven(subject="ada", role="packer"))
    given(*ADA).when(GiveRole(subject="ada", role="boss")).then()
    given(*ADA).when(WithdrawRole(subject="ada", role="packer")).then()
    given(*ADA, RoleGiven(subject="ada", role="packer")).when(WithdrawRole(subject="ada", role="packer")).then(
        RoleWithdrawn(subject="ada", role="packer")
    )
    assert given(*ADA).when(GiveRole(subject="ada", role="chief")).refused(RoleNotFound).field == "role"
    given(*ADA).when(GiveRole(subject="eve", role="boss")).refused(StaffNotFound)
    given(*ADA).when(WithdrawRole(subject="eve", role="boss")).refused(StaffNotFound)


def test_a_member_is_removed_for_a_reason_without_personal_data() -> None:
    there = given(*ADA, invited("ben", "packer"))
    there.when(RemoveStaff(subject="ben", reason="Left")).then(StaffRemoved(subject="ben", reason="Left"))
    there.when(RemoveStaff(subject="eve", reason="Left")).then()
    there.when(RemoveStaff(subject="ben", reason="")).refused(TextOutOfBounds)
    there.when(RemoveStaff(subject="ben", reason="ben@shop.example left")).refused(AddressInTheClear)


def test_the_last_administrator_stays_whatever_takes_the_permission_away() -> None:
    waiting = given(*ADA, invited("ben", "boss"))
    for command in (
        RemoveStaff(subject="ada", reason="Left"),
        WithdrawRole(subject="ada", role="boss"),
        set_permissions("boss", "orders"),
    ):
        waiting.when(command).refused(LastAdministrator)
    waiting.given(joined("ben")).when(RemoveStaff(subject="ada", reason="Left")).then(
        StaffRemoved(subject="ada", reason="Left")
    )
    waiting.given(joined("ben")).when(set_permissions("boss", "orders")).refused(LastAdministrator)


def test_an_administrator_by_another_role_is_one() -> None:
    chief = (permits("chief", "admin"), RoleGiven(subject="ada", role="chief"))
    given(*ADA, *chief).when(WithdrawRole(subject="ada", role="boss")).then(RoleWithdrawn(subject="ada", role="boss"))


def test_before_the_first_administrator_has_joined_all_can_be_taken_back() -> None:
    given(BOSS, invited("ada", "boss")).when(RemoveStaff(subject="ada", reason="Mistyped")).then(
        StaffRemoved(subject="ada", reason="Mistyped")
    )


def test_members_and_roles_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decider, "MOST_MEMBERS", 1)
    monkeypatch.setattr(decider, "MOST_ROLES", 2)
    given(*ADA).when(invite("ben", "packer")).refused(RosterFull)
    given(*ADA).when(set_permissions("chief", "admin")).refused(RosterFull)
    given(*ADA).when(set_permissions("packer", "stock")).then(permits("packer", "stock"))


def test_permissions_are_those_of_all_roles_of_who_has_joined() -> None:
    roster = given(*ADA, RoleGiven(subject="ada", role="packer"), invited("ben", "boss")).state
    assert roster.permissions_of("ada") == {"orders", "admin", "fulfilment"}
    assert roster.permissions_of("ben") == roster.permissions_of("eve") == frozenset()
    assert roster.administrators == {"ada"}


def test_one_role_is_enough_to_demand_a_second_factor() -> None:
    roster = given(*ADA, permits("packer", "stock", second_factor=True), invited("ben", "packer", "boss")).state
    assert [roster.needs_second_factor(it) for it in ("ada", "ben", "eve")] == [False, True, False]


def key(number: int) -> StaffPasskeyAdded:
    return StaffPasskeyAdded(subject="ada", passkey_id=str(number))


def test_passkeys_of_members_are_added_once_and_there_is_a_limit() -> None:
    given(*ADA).when(AddStaffPasskey(subject="ada", passkey_id="1")).then(key(1))
    given(*ADA, key(1)).when(AddStaffPasskey(subject="ada", passkey_id="1")).then()
    given(*ADA).when(AddStaffPasskey(subject="eve", passkey_id="1")).refused(StaffNotFound)
    full = given(*ADA, *(key(number) for number in range(MOST_PASSKEYS)))
    full.when(AddStaffPasskey(subject="ada", passkey_id="more")).refused(TooManyStaffPasskeys)


def test_the_last_passkey_of_a_member_goes_only_if_there_is_another_way_in() -> None:
    gone = StaffPasskeyRemoved(subject="ada", passkey_id="1")
    last = RemoveStaffPasskey(subject="ada", passkey_id="1", another_way=False)
    given(*ADA, key(1), key(2)).when(last).then(gone)
    given(*ADA, key(1)).when(last).refused(LastWayInOfStaff)
    given(*ADA, key(1)).when(RemoveStaffPasskey(subject="ada", passkey_id="1", another_way=True)).then(gone)
    given(*ADA, key(1), gone).when(last).then()


def test_how_a_person_joined_is_recorded() -> None:
    given(BOSS, invited("ada", "boss")).when(JoinStaff(subject="ada", by=WayIn.PROVIDER)).then(
        StaffJoined(subject="ada", by=WayIn.PROVIDER)
    )
