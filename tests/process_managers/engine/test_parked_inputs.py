"""What becomes of an input that could not be taken in, as a decider."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from domain.shared.journal import Envelope, InputParked, InputResent, Unrecorded
from process_managers.engine.parked_inputs import parked_input_id
from process_managers.engine.parking import InputNotKept, NotParked, ResendInput, parking_decider
from process_managers.engine.process import TimerFired
from tests.support.harness.spec import Spec

ENTRY, INPUT = UUID(int=7), UUID(int=3)
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
EVENT = InputParked(
    process="outing",
    instance=None,
    entry_id=ENTRY,
    input_id=INPUT,
    input="test.ticket_sold.v1",
    stream="show-anna/play",
    revision=4,
    unrecorded=None,
    error="TooBoring",
)
RANG = Unrecorded(
    message=Envelope(TimerFired(process="outing", instance="anna", name="dinner", due=NOON)),
    at=NOON,
    correlation_id=UUID(int=1),
)
TIMER = replace(EVENT, instance="anna", input="process.timer_fired.v1", stream="", revision=-1, unrecorded=RANG)
SENT = InputResent(
    process="outing",
    instance=None,
    entry_id=ENTRY,
    input_id=INPUT,
    input="test.ticket_sold.v1",
    stream="show-anna/play",
    revision=4,
    unrecorded=None,
)
SENT_TIMER = replace(SENT, instance="anna", input="process.timer_fired.v1", stream="", revision=-1, unrecorded=RANG)
AGAIN = ResendInput(entry_id=ENTRY)

STORY = Spec(parking_decider)


def test_an_event_is_sent_again_by_its_place_in_the_log() -> None:
    STORY.given(EVENT).when(AGAIN).then(SENT)


def test_a_timer_is_sent_again_with_all_it_takes_to_give_it_again() -> None:
    STORY.given(TIMER).when(AGAIN).then(SENT_TIMER)


def test_an_input_is_sent_again_once_for_each_time_it_was_parked() -> None:
    STORY.given(EVENT).when(AGAIN, AGAIN).then(SENT)
    STORY.given(EVENT, SENT, EVENT).when(AGAIN, AGAIN).then(SENT)


def test_nothing_is_sent_again_that_was_not_parked() -> None:
    refusal = STORY.when(AGAIN).refused(NotParked)
    assert refusal.detail == f"No input {ENTRY} is parked."


def test_a_timer_of_which_only_the_name_was_kept_is_refused_with_whom_to_look_after() -> None:
    nameless = replace(TIMER, unrecorded=None)
    refusal = STORY.given(nameless).when(AGAIN).refused(InputNotKept)
    assert refusal.detail == "The input process.timer_fired.v1 was parked without its content. See to outing by hand."


def test_each_attempt_makes_one_parking() -> None:
    first, second, third = (parked_input_id(ENTRY, attempt) for attempt in (None, UUID(int=1), UUID(int=2)))
    assert len({first, second, third}) == 3
    assert parked_input_id(ENTRY, UUID(int=1)) == second
