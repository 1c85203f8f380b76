"""The service PersistentSubscriptions. Only a leader has any."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from esdbclient.protos.Grpc import persistent_pb2, shared_pb2

from .calls import Call
from .consumers import Consumer, Message
from .group import Group
from .group_info import info_of
from .group_settings import ALL, Settings, filter_config
from .groups import Groups, failed, full
from .messages import delivered_event, revision_of, uuid_of
from .node import Node
from .refusals import handler_failed, invalid_argument, no_leader, not_leader, not_ready

Nack = persistent_pb2.ReadReq.Nack


def groups_of(node: Node, *, telling: bool = False) -> Groups:
    """A node that does not lead refuses, whether the caller asked for the leader or not."""
    if not node.leads:
        leader = node.leader
        raise not_ready() if telling else not_leader((leader.host, leader.port)) if leader else no_leader()
    node.groups.start()
    return node.groups


def stream_of(options: Any) -> str:
    match options.WhichOneof("stream_option"):
        case "all":
            return ALL
        case "stream_identifier":
            return str(options.stream_identifier.stream_name.decode())
        case _:
            raise handler_failed()


def _start_of(options: Any) -> tuple[str, int]:
    """The source of a new or changed group, and where it starts. Old clients have both in other places."""
    match options.WhichOneof("stream_option"):
        case "stream":
            stream = options.stream.stream_identifier.stream_name.decode()
            if stream == ALL:
                reason = "Persistent subscriptions to $all are only supported over gRPC through gRPC clients"
                raise failed(stream, options.group_name, reason)
            return stream, _where(options.stream, "revision_option", "revision")
        case "all":
            return ALL, _where(options.all, "all_option", "position")
        case _:
            return options.stream_identifier.stream_name.decode(), revision_of(options.settings.revision)


def _where(options: Any, oneof: str, exact: str) -> int:
    match options.WhichOneof(oneof):
        case "start":
            return 0
        case "end":
            return -1
        case None:
            raise invalid_argument(f"'None' is not a valid {oneof}")
        case _:
            place = getattr(options, exact)
            return revision_of(place.commit_position if exact == "position" else place)


async def create(node: Node, request: Any, call: Call) -> Any:
    node.access.check_operator(call.user)
    groups, options = groups_of(node), request.options
    stream, start = _start_of(options)
    filtered = filter_config(options.all.filter) if options.HasField("all") else None
    groups.create(stream, options.group_name, Settings.of(options.settings, start), filtered)
    return persistent_pb2.CreateResp()


async def update(node: Node, request: Any, call: Call) -> Any:
    node.access.check_operator(call.user)
    groups, options = groups_of(node), request.options
    stream, start = _start_of(options)
    groups.update(stream, options.group_name, Settings.of(options.settings, start))
    return persistent_pb2.UpdateResp()


async def delete(node: Node, request: Any, call: Call) -> Any:
    node.access.check_operator(call.user)
    groups_of(node).delete(stream_of(request.options), request.options.group_name)
    return persistent_pb2.DeleteResp()


async def get_info(node: Node, request: Any, call: Call) -> Any:
    node.access.check_known(call.user)
    group = groups_of(node, telling=True).find(stream_of(request.options), request.options.group_name)
    return persistent_pb2.GetInfoResp(subscription_info=info_of(group))


async def list_groups(node: Node, request: Any, call: Call) -> Any:
    node.access.check_known(call.user)
    groups, options = groups_of(node, telling=True), request.options
    if options.WhichOneof("list_option") == "list_for_stream":
        said = options.list_for_stream
        found = groups.of_stream(ALL if said.HasField("all") else said.stream.stream_name.decode())
    else:
        found = groups.all()
    return persistent_pb2.ListResp(subscriptions=[info_of(group) for group in found])


async def replay_parked(node: Node, request: Any, call: Call) -> Any:
    node.access.check_operator(call.user)
    groups, options = groups_of(node), request.options
    stream, name = stream_of(options), options.group_name
    stop_at = options.stop_at if options.WhichOneof("stop_at_option") == "stop_at" else None
    if stop_at is not None and stop_at < 0:
        raise failed(stream, name, "Cannot stop replaying parked message at a negative version.")
    groups.find(stream, name).replay(stop_at)
    return persistent_pb2.ReplayParkedResp()


async def restart(node: Node, _: Any, call: Call) -> Any:
    node.access.check_operator(call.user)
    groups_of(node).restart()
    return shared_pb2.Empty()


async def read(node: Node, requests: AsyncIterator[Any], call: Call) -> AsyncIterator[Any]:
    first = await anext(aiter(requests), None)
    if first is None:
        return
    if first.WhichOneof("content") != "options":
        raise handler_failed()
    options = first.options
    stream, name = stream_of(options), options.group_name
    node.access.check_known(call.user)
    node.check_stream(call.user, "r", stream)
    group = groups_of(node).find(stream, name)
    limit = group.settings.max_subscriber_count
    if limit and len(group.consumers.those) >= limit:
        raise full(stream, name)
    consumer = Consumer(
        options.buffer_size, call.connection_name or "<unknown>", call.user.name or "anonymous", call.peer
    )
    group.add(consumer)
    hearing = asyncio.ensure_future(_hear(group, requests))
    try:
        confirmation = persistent_pb2.ReadResp.SubscriptionConfirmation(subscription_id=f"{stream}::{name}")
        yield persistent_pb2.ReadResp(subscription_confirmation=confirmation)
        as_text = options.uuid_option.WhichOneof("content") == "string"
        while isinstance(message := await consumer.queue.get(), Message):
            resolve = group.settings.resolve_links or message.replayed
            yield persistent_pb2.ReadResp(
                event=delivered_event(
                    node.log, message.record, resolve=resolve, as_text=as_text, retries=message.retries
                )
            )
        raise message
    finally:
        hearing.cancel()
        group.remove(consumer)


async def _hear(group: Group, requests: AsyncIterator[Any]) -> None:
    async for request in requests:
        match request.WhichOneof("content"):
            case "ack":
                group.acknowledge(uuid_of(each) for each in request.ack.ids)
            case "nack":
                ids = [uuid_of(each) for each in request.nack.ids]
                group.refuse(ids, Nack.Action.Name(request.nack.action), request.nack.reason)
            case _:
                return
