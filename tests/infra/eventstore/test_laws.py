"""Any appends, in any groups, come out as the port says, told by a model of a few lines."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid5

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands.ports import ANY, Appended, ConcurrentChange, EventIdTaken, EventStore, Expected
from domain.shared.recorded import START, Position
from infra.eventstore.factory import in_memory_store, open_event_store
from infra.eventstore.postgres.append_rules import AppendRules, Rows
from infra.eventstore.postgres.group_commit import Append
from tests.eventstoredb_server import Server
from tests.infra.eventstore.making import assert_sound, event, whole_log

AT = "2026-11-25T12:00:00.000000Z"
Outcome = Appended | type[Exception]


@dataclass
class Model:
    """The log as a list of (stream, event id)."""

    log: list[tuple[str, UUID]] = field(default_factory=list)
    ids_across_streams: bool = True

    def append(self, append: Append) -> Outcome:
        ids = [event.event_id for event in append.events]
        mine = [event_id for stream, event_id in self.log if stream == append.stream]
        if len(set(ids)) < len(ids):
            return EventIdTaken
        if {event_id for stream, event_id in self.log if self._looks_at(stream, append)} & set(ids):
            starts = [n for n in range(len(mine)) if mine[n : n + len(ids)] == ids]
            if not starts:
                return EventIdTaken
            position = self.log.index((append.stream, ids[-1])) + 1
            return Appended(Position(position), starts[0] + len(ids) - 1, repeated=True)
        if append.expected is not ANY and append.expected != len(mine) - 1:
            return ConcurrentChange
        self.log += [(append.stream, event_id) for event_id in ids]
        return Appended(Position(len(self.log)), len(mine) + len(ids) - 1)

    def _looks_at(self, stream: str, append: Append) -> bool:
        return self.ids_across_streams or stream == append.stream


IDS = [UUID(int=n) for n in range(7)]
expectations: st.SearchStrategy[Expected] = st.just(ANY) | st.integers(-1, 5)
appends = st.builds(
    Append,
    st.sampled_from(["stock-a", "stock-b"]),
    st.lists(st.sampled_from(IDS).map(lambda event_id: event(event_id=event_id)), min_size=1, max_size=3),
    expectations,
)
groups = st.lists(st.lists(appends, min_size=1, max_size=4), max_size=8)


def outcome(answer: Appended | BaseException) -> Outcome:
    return answer if isinstance(answer, Appended) else type(answer)  # type: ignore[return-value]  # an Exception's type


async def in_groups(store: EventStore, asked: Sequence[Sequence[Append]]) -> list[Outcome]:
    answers = list[Outcome]()
    for group in asked:
        calls = [store.append(append.stream, append.events, expected=append.expected) for append in group]
        answers += map(outcome, await asyncio.gather(*calls, return_exceptions=True))
    return answers


@given(groups)
def test_the_rules_of_admission_are_the_model(asked: list[list[Append]]) -> None:
    model = Model()
    admission = AppendRules({}, {}, AT, Rows(START + 1))
    for append in (append for group in asked for append in group):
        try:
            answer: Outcome = admission.admit(*append)
        except (ConcurrentChange, EventIdTaken) as error:
            answer = type(error)
        assert answer == model.append(append)
        assert list(zip(admission.rows.streams, admission.rows.event_ids, strict=True)) == model.log


@given(groups)
async def test_a_store_in_memory_behaves_as_the_model(asked: list[list[Append]]) -> None:
    model, store = Model(), in_memory_store()

    assert await in_groups(store, asked) == [model.append(append) for group in asked for append in group]

    log = await whole_log(store)
    assert [(record.stream, record.event_id) for record in log] == model.log
    assert_sound(log)


@given(groups)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_store_in_postgres_behaves_as_the_model(database_url: str, asked: list[list[Append]]) -> None:
    """One database for all examples: each has streams and ids of its own, named after where it starts."""

    async def behaves() -> None:
        store = (await open_event_store(database_url)).store
        start = await store.head()
        mine = [[_of(start, append) for append in group] for group in asked]
        model = Model([("", UUID(int=0))] * start)
        assert await in_groups(store, mine) == [model.append(append) for group in mine for append in group]
        log = await whole_log(store)
        await store.close()
        assert [(record.stream, record.event_id) for record in log[start:]] == model.log[start:]

    asyncio.run(behaves())


@given(groups)
@settings(max_examples=30, deadline=None)
def test_each_stream_in_eventstoredb_behaves_as_the_model(asked: list[list[Append]]) -> None:
    """Appends at once to two streams are under way together, so the order between streams is the server's."""

    async def behaves() -> None:
        model = Model(ids_across_streams=False)
        async with Server() as server:
            store = (await open_event_store(server.uri)).store
            told = await in_groups(store, asked)
            log = await whole_log(store)
            await store.close()
        assert list(map(_without_position, told)) == [
            _without_position(model.append(append)) for group in asked for append in group
        ]
        assert_sound(log, ids_across_streams=False)
        for name in ("stock-a", "stock-b"):
            assert [r.event_id for r in log if r.stream == name] == [i for stream, i in model.log if stream == name]
        stands = {(record.stream, record.revision): record.position for record in log}
        appends = [append for group in asked for append in group]
        for append, answer in zip(appends, told, strict=True):
            if isinstance(answer, Appended):
                assert answer.position == stands[append.stream, answer.revision]

    asyncio.run(behaves())


def _without_position(outcome: Outcome) -> Outcome:
    return replace(outcome, position=START) if isinstance(outcome, Appended) else outcome


def _of(example: int, append: Append) -> Append:
    events = [event(event_id=uuid5(each.event_id, str(example))) for each in append.events]
    return Append(f"{append.stream}-{example}", events, append.expected)
