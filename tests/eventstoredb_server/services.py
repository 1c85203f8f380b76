"""Every RPC of the server, by its name on the wire."""

from collections.abc import Callable
from functools import partial
from typing import Any

import grpc
from esdbclient.protos.Grpc import gossip_pb2, persistent_pb2, projections_pb2, shared_pb2, streams_pb2

from . import features, persistent
from . import projections_service as projections
from .batch_append import batch_append
from .calls import Admission, many_answers, one_answer
from .gossip import read_gossip
from .node import Node
from .streams_append import append_stream, delete_stream, tombstone_stream
from .streams_read import read

STREAMS = "event_store.client.streams.Streams"
PERSISTENT = "event_store.client.persistent_subscriptions.PersistentSubscriptions"
PROJECTIONS = "event_store.client.projections.Projections"
GOSSIP = "event_store.client.gossip.Gossip"

Method = tuple[Callable[..., Any], Any, Any]
"""What handles it, what it takes and what it answers. A name that begins with < takes many, one with > answers many."""

METHODS: dict[str, dict[str, Method]] = {
    STREAMS: {
        ">Read": (read, streams_pb2.ReadReq, streams_pb2.ReadResp),
        "<Append": (append_stream, streams_pb2.AppendReq, streams_pb2.AppendResp),
        "<>BatchAppend": (batch_append, streams_pb2.BatchAppendReq, streams_pb2.BatchAppendResp),
        "Delete": (delete_stream, streams_pb2.DeleteReq, streams_pb2.DeleteResp),
        "Tombstone": (tombstone_stream, streams_pb2.TombstoneReq, streams_pb2.TombstoneResp),
    },
    PERSISTENT: {
        "Create": (persistent.create, persistent_pb2.CreateReq, persistent_pb2.CreateResp),
        "Update": (persistent.update, persistent_pb2.UpdateReq, persistent_pb2.UpdateResp),
        "Delete": (persistent.delete, persistent_pb2.DeleteReq, persistent_pb2.DeleteResp),
        "<>Read": (persistent.read, persistent_pb2.ReadReq, persistent_pb2.ReadResp),
        "GetInfo": (persistent.get_info, persistent_pb2.GetInfoReq, persistent_pb2.GetInfoResp),
        "ReplayParked": (persistent.replay_parked, persistent_pb2.ReplayParkedReq, persistent_pb2.ReplayParkedResp),
        "List": (persistent.list_groups, persistent_pb2.ListReq, persistent_pb2.ListResp),
        "RestartSubsystem": (persistent.restart, shared_pb2.Empty, shared_pb2.Empty),
    },
    PROJECTIONS: {
        "Create": (projections.create, projections_pb2.CreateReq, projections_pb2.CreateResp),
        "Update": (projections.update, projections_pb2.UpdateReq, projections_pb2.UpdateResp),
        "Delete": (projections.delete, projections_pb2.DeleteReq, projections_pb2.DeleteResp),
        ">Statistics": (projections.statistics, projections_pb2.StatisticsReq, projections_pb2.StatisticsResp),
        "Disable": (projections.disable, projections_pb2.DisableReq, projections_pb2.DisableResp),
        "Enable": (projections.enable, projections_pb2.EnableReq, projections_pb2.EnableResp),
        "Reset": (projections.reset, projections_pb2.ResetReq, projections_pb2.ResetResp),
        "State": (projections.state, projections_pb2.StateReq, projections_pb2.StateResp),
        "Result": (projections.result, projections_pb2.ResultReq, projections_pb2.ResultResp),
        "RestartSubsystem": (projections.restart, shared_pb2.Empty, shared_pb2.Empty),
    },
    GOSSIP: {"Read": (read_gossip, shared_pb2.Empty, gossip_pb2.ClusterInfo)},
}


async def supported_methods(_: Node, __: Any, ___: Any) -> Any:
    """All that the server can do, as a client may ask."""
    return features.supported((service, name.lstrip("<>")) for service, names in METHODS.items() for name in names)


METHODS[features.SERVICE] = {
    "GetSupportedMethods": (supported_methods, features.Request, features.SupportedMethods),
}


def handlers(node: Node) -> list[Any]:
    """For a gRPC server."""
    admission = Admission(node.access, node.faults)
    return [
        grpc.method_handlers_generic_handler(
            service, {name.lstrip("<>"): _handler(node, admission, service, name, *m) for name, m in methods.items()}
        )
        for service, methods in METHODS.items()
    ]


def _handler(
    node: Node, admission: Admission, service: str, name: str, handle: Callable[..., Any], request: Any, response: Any
) -> Any:
    takes_many, answers_many = "<" in name, ">" in name
    known = name.lstrip("<>") if service == STREAMS else f"{service.rpartition('.')[2]}.{name.lstrip('<>')}"
    wrapped = (many_answers if answers_many else one_answer)(admission, known, partial(handle, node))
    kinds = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }
    return kinds[takes_many, answers_many](
        wrapped, request_deserializer=request.FromString, response_serializer=response.SerializeToString
    )
