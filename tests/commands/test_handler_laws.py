"""Two processes, one store, any schedule: always one serial history."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from commands.ports import Appended, ConcurrentChange
from domain.shared.errors import DomainError
from domain.shared.recorded import Recorded
from infra.serialization.codec import JsonCodec
from tests.support.fixtures.memory import MemoryStore
from tests.support.harness.counter import CancelTicket, SellTicket, Show, by, handler, show_decider
from tests.support.harness.laws import examples

QUIET = 20


@dataclass(slots=True)
class Schedule:
    """Lets one waiting call after the other go on, in the order of `choices`."""

    choices: Sequence[int]
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)

    async def turn(self) -> None:
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        await mine

    async def wait(self, _seconds: float) -> None:
        await self.turn()

    async def run(self, calls: Sequence[Coroutine[Any, Any, None]]) -> None:
        tasks = [asyncio.create_task(call) for call in calls]
        step = 0
        while not all(task.done() for task in tasks):
            for _ in range(QUIET):
                await asyncio.sleep(0)
            if self._waiting:
                self._waiting.pop(self.choices[step % len(self.choices)] % len(self._waiting)).set_result(None)
                step += 1
        await asyncio.gather(*tasks)


Command = SellTicket | CancelTicket
commands = st.sampled_from(
    [kind(show="Hamlet", seats=seats) for kind in (SellTicket, CancelTicket) for seats in (1, 2)]
)
calls = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 7)), min_size=6, max_size=16)


@dataclass(frozen=True, slots=True)
class Call:
    """What was answered, and at which lengths of the log the call began and ended."""

    command_id: UUID
    answer: Appended | type[Exception]
    began: int
    ended: int


def shows(log: Sequence[Recorded[Any]]) -> list[Show]:
    """The fold after no fact, after the first, and so on."""
    folds = [show_decider.initial]
    for recorded in log:
        folds.append(show_decider.evolve(folds[-1], recorded.fact))
    return folds


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(commands, min_size=8, max_size=8), calls, st.lists(st.integers(0, 7), min_size=5, max_size=40))
async def test_any_schedule_of_two_processes_equals_a_serial_history(
    asked: list[Command], sent: list[tuple[int, int]], choices: list[int]
) -> None:
    schedule = Schedule(choices)
    store = MemoryStore(turn=schedule.turn)
    processes = handler(store, pause=schedule.wait), handler(store, streams_kept=0, pause=schedule.wait)
    answered: list[Call] = []

    async def call(process: int, n: int) -> None:
        await schedule.turn()
        began = len(store.log)
        answer: Appended | type[Exception]
        try:
            answer = await processes[process](asked[n], by(UUID(int=n)))
        except (DomainError, ConcurrentChange) as error:
            answer = type(error)
        answered.append(Call(UUID(int=n), answer, began, len(store.log)))

    await schedule.run([call(process, n) for process, n in sent])
    log = [JsonCodec().decode_event(record) for record in store.log]
    folds = shows(log)

    ends: dict[UUID, int] = {}
    for n, recorded in enumerate(log):
        ends[recorded.metadata.command_id] = n
    for command_id, end in ends.items():
        own = [n for n, recorded in enumerate(log) if recorded.metadata.command_id == command_id]
        facts = list(show_decider.decide(folds[own[0]], asked[command_id.int]))
        assert [recorded.fact for recorded in log[own[0] : end + 1]] == facts, "stored once, together, rightly decided"

    for one in answered:
        stored = ends.get(one.command_id)
        between = range(one.began, one.ended + 1)
        match one.answer:
            case Appended(position=position, revision=revision) if stored is not None and revision == stored:
                assert position == log[stored].position
            case Appended(revision=revision):
                assert show_decider.decide(folds[revision + 1], asked[one.command_id.int]) == []
                assert revision + 1 in between
            case refused:
                assert any(_refuses(folds[n], asked[one.command_id.int], refused) for n in between)


def _refuses(show: Show, asked: Command, refused: type[Exception]) -> bool:
    try:
        show_decider.decide(show, asked)
    except DomainError as error:
        return type(error) is refused
    return False
