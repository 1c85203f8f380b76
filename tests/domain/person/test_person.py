"""Who asks to be forgotten is forgotten, as often as they ask."""

import pytest

from domain.person.commands import ForgetPerson
from domain.person.decider import Person, person_decider
from domain.person.events import PersonForgotten
from domain.shared.errors import Invalid
from tests.support.builders.event_log_builder import NOON


def asked(subject: str = "anna", reason: str = "Asked by letter") -> ForgetPerson:
    return ForgetPerson(subject=subject, reason=reason, at=NOON)


def test_a_person_is_forgotten_and_may_come_back_and_be_forgotten_again() -> None:
    forgotten = PersonForgotten(subject="anna", reason="Asked by letter", at=NOON)
    assert list(person_decider.decide(Person(), asked())) == [forgotten]
    assert list(person_decider.decide(Person(times=1), asked())) == [forgotten]
    assert person_decider.replay([forgotten, forgotten]) == Person(times=2)


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (asked(subject=" "), "subject"),
        (asked(reason=""), "reason"),
        (asked(subject="x" * 201), "subject"),
        (asked(reason="a\0b"), "reason"),
    ],
)
def test_nobody_is_forgotten_without_a_name_and_a_reason(command: ForgetPerson, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        person_decider.decide(Person(), command)
    assert refusal.value.field == field
