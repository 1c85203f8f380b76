"""Whatever is asked of the staff roster, in whatever order."""

from hypothesis import given
from hypothesis import strategies as st

from domain.shared.errors import DomainError
from domain.staff.commands import (
    GiveRole,
    InviteStaff,
    JoinStaff,
    RemoveRole,
    RemoveStaff,
    SetPermissions,
    StaffCommand,
    WithdrawRole,
)
from domain.staff.decider import staff_decider
from domain.staff.events import StaffEvent
from domain.staff.permissions import STAFF_PERMISSIONS
from domain.staff.state import Roster
from infra.serialization.codec import JsonCodec
from tests.domain.staff.test_staff import sealed
from tests.support.builders.strategies import views
from tests.support.harness.laws import law, play

people, names = st.sampled_from(["ada", "ben"]), st.sampled_from(["boss", "chief"])
permissions = st.sampled_from([("admin",), ("admin", "orders"), ("orders",), ()])


def _invitation(subject: str, role: str) -> InviteStaff:
    return InviteStaff(subject=subject, email=sealed(subject), name=None, roles=(role,))


commands: st.SearchStrategy[list[StaffCommand]] = views(
    [SetPermissions(role="boss", permissions=("admin",), second_factor=False)],
    st.one_of(
        st.builds(_invitation, people, names),
        st.builds(JoinStaff, subject=people),
        st.builds(GiveRole, subject=people, role=names),
    ),
    st.one_of(
        st.builds(SetPermissions, role=names, permissions=permissions, second_factor=st.booleans()),
        st.builds(WithdrawRole, subject=people, role=names),
        st.builds(RemoveStaff, subject=people, reason=st.just("Left")),
        st.builds(RemoveRole, role=names),
    ),
)


@law
@given(commands)
def test_once_there_is_an_administrator_there_always_is_one(asked: list[StaffCommand]) -> None:
    had_one = False
    for roster, _ in play(staff_decider, asked):
        joined = {subject: member.roles for subject, member in roster.members.items() if member.joined}
        has_one = any("admin" in roster.roles[role].permissions for roles in joined.values() for role in roles)
        assert has_one or not had_one
        had_one = has_one


@law
@given(commands)
def test_every_role_of_a_member_exists_and_permits_what_staff_may_do(asked: list[StaffCommand]) -> None:
    for roster, _ in play(staff_decider, asked):
        for subject, member in roster.members.items():
            assert member.roles <= set(roster.roles)
            assert roster.permissions_of(subject) <= STAFF_PERMISSIONS
            assert member.joined or not roster.permissions_of(subject)


@law
@given(commands)
def test_the_facts_make_the_roster_and_a_repeat_changes_nothing(asked: list[StaffCommand]) -> None:
    facts: list[StaffEvent] = []
    for command, (roster, answer) in zip(asked, play(staff_decider, asked), strict=True):
        if not isinstance(answer, DomainError):
            facts += answer
            if not isinstance(command, InviteStaff):
                assert staff_decider.decide(roster, command) == []
        assert staff_decider.replay(facts) == roster


@law
@given(commands)
def test_a_snapshot_is_the_roster(asked: list[StaffCommand]) -> None:
    codec = JsonCodec()
    *_, (roster, _) = play(staff_decider, asked)
    assert codec.decode(codec.encode(roster), Roster) == roster
