"""The contract of appending and reading, for every store."""

import asyncio
from uuid import uuid4

import pytest

from commands.ports import ANY, NO_STREAM, Appended, ConcurrentChange, EventIdTaken, EventStore, NewEvent
from infra.eventstore.factory import ClosableEventStore
from infra.eventstore.hash_chain import NotStorable
from tests.infra.eventstore.making import (
    CORNER,
    RECEIVED,
    RESERVED,
    assert_sound,
    beginning,
    event,
    stock,
    whole_log,
)


async def test_what_was_appended_is_read_byte_for_byte(store: EventStore) -> None:
    events = [event(b' {"b": 1,\n"a": [1.50, "\\u00e9"]} '), event(b"{}", type=RESERVED)]

    at = await store.append(stock("a"), events, expected=NO_STREAM)

    records = await store.read(stock("a"))
    assert [(r.stream, r.revision, r.event_id, r.type, r.data) for r in records] == [
        (stock("a"), n, event.event_id, event.type, event.data) for n, event in enumerate(events)
    ]
    assert at == Appended(records[-1].position, 1)
    assert at.position == await store.head()
    assert list(await whole_log(store)) == list(records)


async def test_an_empty_store_has_nothing_to_read(store: EventStore) -> None:
    assert list(await store.read(stock("a"))) == []
    assert await store.head() == beginning()
    page = await store.read_all(after=beginning(), limit=10)
    assert (list(page.records), page.position) == ([], beginning())


async def test_a_stream_grows_from_the_revision_that_was_expected(store: EventStore) -> None:
    first = await store.append(stock("a"), [event()], expected=NO_STREAM)
    second = await store.append(stock("a"), [event(), event()], expected=first.revision)
    third = await store.append(stock("a"), [event()], expected=ANY)

    assert [first.revision, second.revision, third.revision] == [0, 2, 3]
    assert_sound(await whole_log(store))


@pytest.mark.parametrize("expected", [NO_STREAM, 1, 7])
async def test_a_stream_that_is_not_where_it_was_expected_is_left_alone(store: EventStore, expected: int) -> None:
    await store.append(stock("a"), [event()], expected=NO_STREAM)

    with pytest.raises(ConcurrentChange) as refused:
        await store.append(stock("a"), [event(), event()], expected=expected)

    assert (refused.value.stream, refused.value.expected, refused.value.actual) == (stock("a"), expected, 0)
    assert len(await whole_log(store)) == 1


async def test_a_stream_that_does_not_exist_is_not_at_any_revision(store: EventStore) -> None:
    with pytest.raises(ConcurrentChange) as refused:
        await store.append(stock("a"), [event()], expected=0)
    assert refused.value.actual == NO_STREAM


@pytest.mark.parametrize("expected", [NO_STREAM, 0, 1, 2, ANY], ids=str)
async def test_the_same_append_again_answers_where_it_stands_and_appends_nothing(
    store: EventStore, expected: int
) -> None:
    events = [event(), event()]
    first = await store.append(stock("a"), events, expected=NO_STREAM)
    await store.append(stock("a"), [event()], expected=1)

    again = await store.append(stock("a"), events, expected=expected)

    assert again == Appended(first.position, first.revision, repeated=True)
    assert len(await whole_log(store)) == 3


@pytest.mark.parametrize("others", [["a", "b", "new"], ["b", "a"], ["new", "a"], ["a", "c"], ["a", "a"]], ids="".join)
async def test_event_ids_that_are_stored_otherwise_are_taken(store: EventStore, others: list[str]) -> None:
    ids = {name: uuid4() for name in ("a", "b", "c", "new")}
    await store.append(stock("a"), [event(event_id=ids["a"]), event(event_id=ids["b"])], expected=NO_STREAM)
    await store.append(stock("a"), [event(), event(event_id=ids["c"])], expected=1)

    with pytest.raises(EventIdTaken):
        await store.append(stock("a"), [event(event_id=ids[name]) for name in others], expected=3)

    assert len(await whole_log(store)) == 4
    assert (await store.append(stock("a"), [event(event_id=ids["new"])], expected=3)).revision == 4


@pytest.mark.parametrize("also_new", [False, True])
async def test_event_ids_of_another_stream_are_taken_where_the_store_can_tell(
    store: ClosableEventStore, also_new: bool
) -> None:
    events = [event()]
    await store.append(stock("a"), events, expected=NO_STREAM)

    if not store.capabilities.ids_across_streams:
        assert (await store.append(stock("b"), events, expected=ANY)).repeated is False
        return
    with pytest.raises(EventIdTaken):
        await store.append(stock("b"), events + [event()] * also_new, expected=ANY)

    assert list(await store.read(stock("b"))) == []


async def test_a_part_of_a_stored_append_is_a_repeat_too(store: EventStore) -> None:
    events = [event(), event(), event()]
    await store.append(stock("a"), events, expected=NO_STREAM)

    assert await store.append(stock("a"), events[1:2], expected=NO_STREAM) == Appended(
        (await store.read(stock("a")))[1].position, 1, repeated=True
    )


async def test_of_appends_that_expect_the_same_revision_one_is_stored(store: EventStore) -> None:
    appends = [store.append(stock("a"), [event(), event()], expected=NO_STREAM) for _ in range(40)]

    outcomes = await asyncio.gather(*appends, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes].count(Appended) == 1
    assert [type(outcome) for outcome in outcomes].count(ConcurrentChange) == 39
    assert len(await whole_log(store)) == 2


async def test_appends_at_once_that_do_not_care_are_all_stored(store: EventStore) -> None:
    appends = [store.append(stock(n % 3), [event()] * 1, expected=ANY) for n in range(60)]

    at = await asyncio.gather(*appends)

    log = await whole_log(store)
    assert_sound(log)
    assert {a.position for a in at} == {record.position for record in log}


async def test_an_append_that_comes_twice_at_once_is_stored_once(store: EventStore) -> None:
    events = [event(), event()]

    at = await asyncio.gather(*(store.append(stock("a"), events, expected=NO_STREAM) for _ in range(20)))

    assert {(a.position, a.revision) for a in at} == {((await store.head()), 1)}
    assert [a.repeated for a in at].count(False) == 1


async def test_appends_that_fail_do_not_harm_those_that_come_with_them(store: EventStore) -> None:
    stored = event()
    await store.append(stock("a"), [stored], expected=NO_STREAM)

    outcomes = await asyncio.gather(
        store.append(stock("b"), [event()], expected=NO_STREAM),
        store.append(stock("b"), [event()], expected=NO_STREAM),
        store.append(stock("a"), [event(), stored], expected=ANY),
        store.append(stock("d"), [event(b"no json")], expected=ANY),
        store.append(stock("e"), [event()], expected=NO_STREAM),
        return_exceptions=True,
    )

    assert [type(o) for o in outcomes] == [Appended, ConcurrentChange, EventIdTaken, NotStorable, Appended]
    assert [record.stream for record in await whole_log(store)] == [stock("a"), stock("b"), stock("e")]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'{"t":"\\u0000 \\ud83d\\ude00"}', id="escapes"),
        pytest.param('{"t":"e\u0301 \u202e \U0001f9fe \x7f \ufeff"}'.encode(), id="unicode"),
        pytest.param(b'{"a":1,"a":1.0e+2,"b":"\\/"}', id="as written"),
        pytest.param(b'"' + b"x" * 1_000_000 + b'"', id="long"),
        pytest.param(b"[" * 200 + b"]" * 200, id="deep"),
        pytest.param(b"null", id="null"),
    ],
)
async def test_odd_json_is_kept_as_it_is(store: EventStore, data: bytes) -> None:
    await store.append(stock("a"), [event(data)], expected=NO_STREAM)

    assert [record.data for record in await store.read(stock("a"))] == [data]
    assert_sound(await whole_log(store))


@pytest.mark.parametrize(
    "data", [b"", b"{", b"{} {}", b'{"a":NaN}', b'"\x00"', b'"\xff"', b'"\\ud800"', b"[" * 10**5 + b"]" * 10**5]
)
async def test_what_is_not_json_is_refused(store: EventStore, data: bytes) -> None:
    with pytest.raises(NotStorable):
        await store.append(stock("a"), [event(), event(data)], expected=NO_STREAM)
    assert await whole_log(store) == []


@pytest.mark.parametrize("name", ["stock-Ä\u202e'\"\\%@ $1", "x" * 1000], ids=["odd", "long"])
async def test_odd_names_are_names(store: EventStore, name: str) -> None:
    name = (CORNER.suffix + name)[:1000]
    await store.append(name, [event(type=name)], expected=NO_STREAM)

    (record,) = await store.read(name)
    page = await store.read_all(after=beginning(), limit=2, types=[name])
    assert (record.stream, record.type, list(page.records)) == (name, name, [record])


@pytest.mark.parametrize("name", ["", "a\0b", "\ud800", "x" * 1001, "ä" * 501], ids=["no", "nul", "half", "long", "ä"])
async def test_names_that_not_every_store_can_keep_are_refused(store: EventStore, name: str) -> None:
    with pytest.raises(NotStorable):
        await store.append(name, [event()], expected=ANY)
    with pytest.raises(NotStorable):
        await store.append(stock("a"), [event(type=name)], expected=ANY)
    assert list(await store.read(name)) == []


async def test_an_append_of_nothing_is_refused(store: EventStore) -> None:
    with pytest.raises(NotStorable):
        await store.append(stock("a"), list[NewEvent](), expected=ANY)


async def test_a_stream_is_read_from_where_it_is_asked(store: EventStore) -> None:
    for n in range(3):
        await store.append(stock("a"), [event() for _ in range(10)], expected=10 * n - 1)
        await store.append(stock(n), [event()], expected=NO_STREAM)
    log = [record for record in await whole_log(store) if record.stream == stock("a")]

    assert list(await store.read(stock("a"))) == log
    assert list(await store.read(stock("a"), after=11)) == log[12:]
    assert list(await store.read(stock("a"), after=11, limit=5)) == log[12:17]
    assert list(await store.read(stock("a"), limit=0)) == []
    assert list(await store.read(stock("a"), after=29)) == []
    assert list(await store.read(stock("a"), after=10**30)) == []


async def test_reads_at_once_get_each_their_own(store: EventStore) -> None:
    for n in range(8):
        await store.append(stock(n), [event() for _ in range(n + 1)], expected=NO_STREAM)

    reads = await asyncio.gather(*(store.read(stock(n % 10), after=n // 10) for n in range(100)))

    assert [[(r.stream, r.revision) for r in read] for read in reads] == [
        [(stock(n % 10), revision) for revision in range(n // 10 + 1, n % 10 + 1 if n % 10 < 8 else 0)]
        for n in range(100)
    ]


async def test_pages_follow_each_other_without_gap_or_repeat(store: EventStore) -> None:
    for n in range(10):
        await store.append(stock(n % 3), [event(), event(type=RESERVED), event()], expected=ANY)

    assert [len(await whole_log(store, page=size)) for size in (1, 7, 30, 31)] == [30] * 4
    assert await whole_log(store, page=7) == await whole_log(store, page=30)


async def test_a_page_tells_whether_the_log_may_go_on_behind_it(store: EventStore) -> None:
    await store.append(stock("a"), [event(), event(type=RESERVED), event()], expected=NO_STREAM)

    assert [(await store.read_all(after=beginning(), limit=limit)).more for limit in (1, 2, 4, 9)] == [
        True,
        True,
        False,
        False,
    ]
    assert not (await store.read_all(after=beginning(), limit=2, types=[RESERVED])).more


async def test_a_page_of_some_types_passes_what_it_does_not_hold(store: EventStore) -> None:
    await store.append(stock("a"), [event(), event(type=RESERVED), event(), event()], expected=NO_STREAM)
    log = await whole_log(store)

    full = await store.read_all(after=beginning(), limit=2, types=[RECEIVED])
    rest = await store.read_all(after=full.position, limit=2, types={RECEIVED})
    none = await store.read_all(after=beginning(), limit=2, types=["order.placed.v3"])
    nothing = await store.read_all(after=log[0].position, limit=2, types=[])

    assert (list(full.records), full.position) == ([log[0], log[2]], log[2].position)
    assert (list(rest.records), rest.position) == ([log[3]], log[3].position)
    assert (list(none.records), none.position) == ([], log[3].position)
    assert (list(nothing.records), nothing.position) == ([], log[3].position)


async def test_a_page_behind_the_end_is_empty_and_stays_there(store: EventStore) -> None:
    at = await store.append(stock("a"), [event()], expected=NO_STREAM)

    for after in (at.position, type(at.position)(at.position + 1000), type(at.position)(10**30)):
        page = await store.read_all(after=after, limit=10)
        assert (list(page.records), page.position >= at.position) == ([], True)


async def test_a_page_of_no_records_is_no_page(store: EventStore) -> None:
    with pytest.raises(ValueError, match="at least one"):
        await store.read_all(after=beginning(), limit=0)
