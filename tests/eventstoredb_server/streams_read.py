"""Streams.Read: the one call for every way of reading."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from esdbclient.protos.Grpc import shared_pb2, streams_pb2

from . import reading
from .calls import Call
from .filters import Filter, filter_of, visible
from .messages import read_event, revision_of
from .node import Node
from .record import Record
from .refusals import handler_failed, invalid_argument
from .subscribing import Checkpoints, Following, follow_all, follow_stream

ReadResp = streams_pb2.ReadResp
FORWARDS = streams_pb2.ReadReq.Options.Forwards


async def read(node: Node, request: Any, call: Call) -> AsyncIterator[Any]:
    options = request.options
    source, count = options.WhichOneof("stream_option"), options.WhichOneof("count_option")
    stream = options.stream.stream_identifier.stream_name.decode() if source == "stream" else "$all"
    if source is None:
        raise invalid_argument("'None' is not a valid StreamOptionOneofCase")
    node.check_stream(call.user, "r", stream)
    node.check_leader(call)
    if count is None or not _possible(options, source, count):
        raise invalid_argument(f"The combination of ({source}, {count}, {options.read_direction}) is invalid.")
    found = _subscribed(node, options, stream) if count == "subscription" else _once(node, options, stream)
    as_text = options.uuid_option.WhichOneof("content") == "string"
    async for each in found:
        if isinstance(each, Record):
            event = read_event(node.log, each, resolve=options.resolve_links, as_text=as_text)
            yield ReadResp(event=event)
        else:
            yield each


def _possible(options: Any, source: str, count: str) -> bool:
    """Streams cannot be filtered, nothing is subscribed to backwards, and whether it is filtered must be said."""
    filtered = options.WhichOneof("filter_option")
    if filtered is None or (source == "stream" and filtered == "filter"):
        return False
    return count == "count" or bool(options.read_direction == FORWARDS)


async def _once(node: Node, options: Any, stream: str) -> AsyncIterator[Any]:
    forwards = options.read_direction == FORWARDS
    records = _all_once(node, options, forwards) if stream == "$all" and options.HasField("all") else None
    newer = records is None and options.control_option.compatibility >= 1
    try:
        if newer and forwards and options.count:
            first = reading.first_position(node.log, stream, _revision(options.stream) or 0, options.count)
            if first is not None:
                yield ReadResp(first_stream_position=first)
        for number, record in enumerate(records or _stream_once(node, options, stream, forwards)):
            yield record
            if number % reading.BATCH == 0:
                await asyncio.sleep(0)
    except reading.NoStream:
        identifier = shared_pb2.StreamIdentifier(stream_name=stream.encode())
        yield ReadResp(stream_not_found=ReadResp.StreamNotFound(stream_identifier=identifier))
        return
    if newer:
        yield ReadResp(last_stream_position=node.log.last_revision(stream))


def _stream_once(node: Node, options: Any, stream: str, forwards: bool) -> Iterator[Record]:
    revision = _revision(options.stream)
    read_it = reading.stream_forwards if forwards else reading.stream_backwards
    return read_it(node.log, stream, revision or 0, options.count)


def _all_once(node: Node, options: Any, forwards: bool) -> Iterator[Record]:
    position, (allowed, _) = _position(options.all), _filter(options)
    kind = "FilteredReadAllResult" if options.HasField("filter") else "ReadAllResult"
    read_it = reading.all_forwards if forwards else reading.all_backwards
    return read_it(node.log, position or 0, options.count, allowed, kind)


async def _subscribed(node: Node, options: Any, stream: str) -> AsyncIterator[Any]:
    at = Following(node.log, node.live_buffer, node.faults.too_slow)
    if options.HasField("stream"):
        followed = follow_stream(at, stream, _revision(options.stream))
    else:
        allowed, checkpoints = _filter(options)
        followed = follow_all(at, _position(options.all), allowed, checkpoints)
    async for each in followed:
        yield each


def _revision(options: Any) -> int | None:
    """None is the start, -1 the end."""
    match options.WhichOneof("revision_option"):
        case "revision":
            return revision_of(options.revision)
        case "start":
            return None
        case "end":
            return -1
        case _:
            raise handler_failed()


def _position(options: Any) -> int | None:
    match options.WhichOneof("all_option"):
        case "position":
            return revision_of(options.position.commit_position)
        case "start":
            return None
        case "end":
            return -1
        case _:
            raise handler_failed()


def _filter(options: Any) -> tuple[Filter, Checkpoints | None]:
    if options.WhichOneof("filter_option") == "no_filter":
        return visible, None
    said = options.filter
    match said.WhichOneof("window"):
        case "max":
            window = said.max
        case "count":
            window = reading.BATCH
        case _:
            raise invalid_argument("'None' is not a valid WindowOneofCase")
    if said.WhichOneof("filter") is None:
        raise invalid_argument(f"'{said}' is not a valid FilterOptions")
    if options.WhichOneof("count_option") == "subscription" and said.checkpointIntervalMultiplier == 0:
        raise handler_failed()
    return filter_of(said), Checkpoints(window, window * said.checkpointIntervalMultiplier)
