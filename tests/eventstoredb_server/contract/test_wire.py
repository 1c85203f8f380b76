"""What no method of the client sends, said with the messages that it brings."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from esdbclient.protos.Grpc import gossip_pb2, shared_pb2, streams_pb2, streams_pb2_grpc
from google.protobuf import empty_pb2, timestamp_pb2

from tests.eventstoredb_server import Server, features
from tests.eventstoredb_server.messages import uuid_message, uuid_of

ORDER = shared_pb2.StreamIdentifier(stream_name=b"order-1")
NOTHING = shared_pb2.Empty()
BatchAppendReq, ReadReq = streams_pb2.BatchAppendReq, streams_pb2.ReadReq


@pytest.fixture
async def streams(eventstoredb: Server) -> AsyncIterator[Any]:
    async with grpc.aio.insecure_channel(eventstoredb.target) as channel:
        yield streams_pb2_grpc.StreamsStub(channel)  # type: ignore[no-untyped-call]


def proposed(kind: Any, id: UUID | None = None, **metadata: str) -> Any:
    return kind(
        id=shared_pb2.UUID(string=str(id or uuid4())),
        metadata=metadata or {"type": "Happened", "content-type": "application/json"},
        data=b"{}",
    )


def part(correlation: UUID, *, final: bool = True, number: int = 1, **options: Any) -> Any:
    return BatchAppendReq(
        correlation_id=shared_pb2.UUID(string=str(correlation)),
        options=BatchAppendReq.Options(stream_identifier=ORDER, **options) if options else None,
        proposed_messages=[proposed(BatchAppendReq.ProposedMessage) for _ in range(number)],
        is_final=final,
    )


async def all_of(call: Any) -> list[Any]:
    return [answer async for answer in call]


async def test_one_call_carries_many_appends_in_parts_that_mix(streams: Any) -> None:
    first, second = uuid4(), uuid4()
    answers = await all_of(
        streams.BatchAppend(
            iter(
                [
                    part(first, final=False, number=2, no_stream=empty_pb2.Empty()),
                    part(second, no_stream=empty_pb2.Empty(), number=1),
                    part(first, final=False),
                    part(first),
                    part(uuid4()),
                ]
            )
        )
    )
    assert [uuid_of(answer.correlation_id) for answer in answers] == [second, first]
    assert answers[0].success.current_revision == 0
    assert answers[0].success.position.commit_position == answers[0].success.position.prepare_position
    error = answers[1].error
    assert (error.code, error.message) == (6, "WrongExpectedVersion")
    details = shared_pb2.WrongExpectedVersion()
    assert error.details.Unpack(details)
    assert details.current_stream_revision == 0
    assert details.HasField("expected_no_stream")
    assert answers[1].stream_identifier == ORDER


@pytest.mark.parametrize(("seconds", "outcome"), [(0, "error"), (10_000_000_000, "success")])
async def test_the_deadline_of_old_clients_is_a_time(streams: Any, seconds: int, outcome: str) -> None:
    until = timestamp_pb2.Timestamp(seconds=seconds)
    (answer,) = await all_of(streams.BatchAppend(iter([part(uuid4(), any=empty_pb2.Empty(), deadline_21_10_0=until)])))
    assert answer.WhichOneof("result") == outcome


async def test_a_batch_without_a_stream_or_a_type_is_a_bad_request(streams: Any) -> None:
    nameless = BatchAppendReq(correlation_id=shared_pb2.UUID(string=str(uuid4())), is_final=True)
    nameless.options.any.SetInParent()
    typeless = part(uuid4(), any=empty_pb2.Empty())
    del typeless.proposed_messages[0].metadata["type"]
    answers = await all_of(streams.BatchAppend(iter([nameless, typeless])))
    said = [shared_pb2.BadRequest.FromString(answer.error.details.value).message for answer in answers]
    assert said == [
        "Required field StreamIdentifier not set.",
        "The given key 'type' was not present in the dictionary.",
    ]


def append_requests(expected: dict[str, Any], number: int = 1) -> list[Any]:
    options = streams_pb2.AppendReq.Options(stream_identifier=ORDER, **expected)
    messages = [proposed(streams_pb2.AppendReq.ProposedMessage) for _ in range(number)]
    return [
        streams_pb2.AppendReq(options=options),
        *(streams_pb2.AppendReq(proposed_message=message) for message in messages),
    ]


async def test_the_older_append_answers_and_refuses_in_its_own_way(streams: Any) -> None:
    answer = await streams.Append(iter(append_requests({"no_stream": NOTHING}, 2)))
    assert answer.success.current_revision == 1
    assert answer.success.position.commit_position > 0

    for expected in ({"no_stream": NOTHING}, {"revision": 7}):
        wrong = (await streams.Append(iter(append_requests(expected)))).wrong_expected_version
        assert (wrong.current_revision, wrong.current_revision_20_6_0) == (1, 1)
    assert (wrong.expected_revision, wrong.expected_revision_20_6_0) == (7, 7)
    assert (await streams.Append(iter(append_requests({"stream_exists": NOTHING})))).success.current_revision == 2
    assert (await streams.Append(iter(append_requests({"any": NOTHING})))).success.current_revision == 3


async def refused(call: Any) -> tuple[Any, str | None, dict[str, str]]:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await (call if asyncio.isfuture(call) or not hasattr(call, "__aiter__") else all_of(call))
    return refusal.value.code(), refusal.value.details(), dict(list(refusal.value.trailing_metadata()))


async def test_what_the_older_append_lacks_is_named(streams: Any) -> None:
    requests = append_requests({"any": NOTHING})
    del requests[1].proposed_message.metadata["content-type"]
    assert await refused(streams.Append(iter(requests))) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "Required Metadata Property 'content-type' is missing",
        {"exception": "missing-required-metadata-property", "required-metadata-properties": "type,content-type"},
    )
    requests = append_requests({"any": NOTHING})
    requests[1].proposed_message.data = b"x" * (2**20 + 1)
    assert await refused(streams.Append(iter(requests))) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "Maximum Append Size of 1048576 Exceeded.",
        {"exception": "maximum-append-size-exceeded", "maximum-append-size": "1048576"},
    )


async def test_refusals_carry_their_trailers(streams: Any) -> None:
    options = streams_pb2.DeleteReq.Options(stream_identifier=ORDER, revision=3)
    assert await refused(streams.Delete(streams_pb2.DeleteReq(options=options))) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "Delete failed due to WrongExpectedVersion. Stream: order-1, Expected version: 3, Actual version: -1",
        {
            "exception": "wrong-expected-version",
            "stream-name": "order-1",
            "expected-version": "3",
            "actual-version": "-1",
        },
    )
    bury = streams_pb2.TombstoneReq.Options(stream_identifier=ORDER, any=NOTHING)
    answer = await streams.Tombstone(streams_pb2.TombstoneReq(options=bury))
    assert answer.position.commit_position > 0
    assert await refused(streams.Read(read_request(stream=True))) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "Event stream 'order-1' is deleted.",
        {"exception": "stream-deleted", "stream-name": "order-1"},
    )


def read_request(*, stream: bool = False, **more: Any) -> Any:
    options = ReadReq.Options(count=100, uuid_option=ReadReq.Options.UUIDOption(string=NOTHING))
    if stream:
        options.stream.CopyFrom(ReadReq.Options.StreamOptions(stream_identifier=ORDER, start=NOTHING))
    else:
        options.all.start.SetInParent()
    if "filter" not in more:
        options.no_filter.SetInParent()
    options.MergeFrom(ReadReq.Options(**more))
    return ReadReq(options=options)


async def test_ids_are_text_or_two_numbers(streams: Any) -> None:
    ids = [UUID(int=2**128 - 5), UUID(int=2**63 + 1), uuid4()]
    messages = [proposed(BatchAppendReq.ProposedMessage, id) for id in ids]
    for message, id in zip(messages, ids, strict=True):
        message.id.CopyFrom(uuid_message(id, as_text=False))
    append = part(uuid4(), number=0, any=empty_pb2.Empty())
    append.proposed_messages.extend(messages)
    await all_of(streams.BatchAppend(iter([append])))

    structured = ReadReq.Options.UUIDOption(structured=NOTHING)
    for request in (read_request(stream=True), read_request(stream=True, uuid_option=structured)):
        found = await all_of(streams.Read(request))
        assert [uuid_of(each.event.event.id) for each in found] == ids
    assert {each.event.event.id.WhichOneof("value") for each in found} == {"structured"}


@pytest.mark.parametrize(
    ("expression", "types"),
    [
        ({"event_type": {"prefix": ["Hap", "No"]}}, ["Happened"]),
        ({"stream_identifier": {"prefix": ["order-"]}}, ["Happened", "Other"]),
        ({"event_type": {"regex": "th"}}, ["Other"]),
        ({"event_type": {"prefix": []}}, []),
    ],
)
@pytest.mark.parametrize("window", [{"max": 32}, {"count": NOTHING}])
async def test_filters_go_by_prefix_or_expression(
    streams: Any, expression: dict[str, Any], window: dict[str, Any], types: list[str]
) -> None:
    append = part(uuid4(), number=2, any=empty_pb2.Empty())
    append.proposed_messages[1].metadata["type"] = "Other"
    await all_of(streams.BatchAppend(iter([append])))
    options = ReadReq.Options.FilterOptions(**expression, **window, checkpointIntervalMultiplier=1)
    found = await all_of(streams.Read(read_request(filter=options)))
    assert [each.event.event.metadata["type"] for each in found] == types


async def test_combinations_that_mean_nothing_are_refused(streams: Any) -> None:
    subscribed = ReadReq.Options.SubscriptionOptions()
    filtered = ReadReq.Options.FilterOptions(max=32)
    for request in (
        read_request(subscription=subscribed, read_direction=ReadReq.Options.Backwards),
        read_request(stream=True, filter=ReadReq.Options.FilterOptions(max=32)),
        read_request(filter=filtered),
        ReadReq(options=ReadReq.Options(count=1)),
    ):
        code, _, _ = await refused(streams.Read(request))
        assert code is grpc.StatusCode.INVALID_ARGUMENT


async def test_newer_readers_are_told_where_the_stream_ends(streams: Any) -> None:
    await all_of(streams.BatchAppend(iter([part(uuid4(), number=3, any=empty_pb2.Empty())])))
    found = await all_of(streams.Read(read_request(stream=True, control_option={"compatibility": 1})))
    assert [each.WhichOneof("content") for each in found] == ["event"] * 3 + ["last_stream_position"]
    assert found[-1].last_stream_position == 2
    request = read_request(stream=True, control_option={"compatibility": 1})
    request.options.stream.revision = 9
    found = await all_of(streams.Read(request))
    assert [(each.first_stream_position, each.last_stream_position) for each in found] == [(3, 0), (0, 2)]


async def test_a_server_tells_what_it_can_do(eventstoredb: Server) -> None:
    async with grpc.aio.insecure_channel(eventstoredb.target) as channel:
        ask = channel.unary_unary(
            f"/{features.SERVICE}/GetSupportedMethods",
            request_serializer=shared_pb2.Empty.SerializeToString,
            response_deserializer=features.SupportedMethods.FromString,
        )
        said = await ask(NOTHING)
    can = {(each.service_name, each.method_name): list(each.features) for each in said.methods}
    assert said.event_store_server_version == "23.10.8"
    assert can["event_store.client.streams.streams", "read"] == ["position", "events"]
    assert can["event_store.client.streams.streams", "batchappend"] == ["deadline_duration"]
    assert can["event_store.client.gossip.gossip", "read"] == []


async def test_gossip_tells_who_leads(eventstoredb: Server) -> None:
    async with grpc.aio.insecure_channel(eventstoredb.target) as channel:
        ask = channel.unary_unary(
            "/event_store.client.gossip.Gossip/Read",
            request_serializer=shared_pb2.Empty.SerializeToString,
            response_deserializer=gossip_pb2.ClusterInfo.FromString,
        )
        (member,) = (await ask(NOTHING)).members
    assert (member.state, member.is_alive) == (gossip_pb2.MemberInfo.Leader, True)
    assert f"{member.http_end_point.address}:{member.http_end_point.port}" == eventstoredb.target
