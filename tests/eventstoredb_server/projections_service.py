"""The service Projections. A query's state stays empty, since there is nothing that could run it."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

from esdbclient.protos.Grpc import projections_pb2, shared_pb2
from google.protobuf import struct_pb2

from .calls import Call
from .node import Node
from .projections import Projection, Projections
from .refusals import handler_failed

Details = projections_pb2.StatisticsResp.Details
MODES = {"continuous": "Continuous", "transient": "Transient", "one_time": "OneTime"}


def _known(node: Node, call: Call) -> Projections:
    node.access.check_known(call.user)
    node.check_leader(call)
    return node.projections


def _operated(node: Node, call: Call) -> Projections:
    node.access.check_operator(call.user)
    node.check_leader(call)
    return node.projections


async def create(node: Node, request: Any, call: Call) -> Any:
    projections, options = _known(node, call), request.options
    mode = options.WhichOneof("mode")
    if mode is None:
        raise handler_failed()
    name = str(uuid4()) if mode == "one_time" else getattr(options, mode).name
    emits = mode == "continuous" and options.continuous.emit_enabled
    if mode == "continuous" and options.continuous.track_emitted_streams and not emits:
        raise handler_failed()
    projections.create(Projection(name, options.query, MODES[mode], enabled=True, emit_enabled=emits))
    return projections_pb2.CreateResp()


async def update(node: Node, request: Any, call: Call) -> Any:
    projections, options = _known(node, call), request.options
    which = options.WhichOneof("emit_option")
    if which is None:
        raise handler_failed()
    projections.update(options.name, options.query, options.emit_enabled if which == "emit_enabled" else None)
    return projections_pb2.UpdateResp()


async def delete(node: Node, request: Any, call: Call) -> Any:
    _operated(node, call).delete(request.options.name)
    return projections_pb2.DeleteResp()


async def enable(node: Node, request: Any, call: Call) -> Any:
    _known(node, call).enable(request.options.name, enabled=True)
    return projections_pb2.EnableResp()


async def disable(node: Node, request: Any, call: Call) -> Any:
    options = request.options
    _known(node, call).enable(options.name, enabled=False, aborted=not options.write_checkpoint)
    return projections_pb2.DisableResp()


async def reset(node: Node, request: Any, call: Call) -> Any:
    _known(node, call).find(request.options.name)
    return projections_pb2.ResetResp()


async def state(node: Node, request: Any, call: Call) -> Any:
    _known(node, call).find(request.options.name, "ProjectionState")
    return projections_pb2.StateResp(state=struct_pb2.Value(struct_value=struct_pb2.Struct()))


async def result(node: Node, request: Any, call: Call) -> Any:
    _known(node, call).find(request.options.name, "ProjectionResult")
    return projections_pb2.ResultResp(result=struct_pb2.Value(struct_value=struct_pb2.Struct()))


async def statistics(node: Node, request: Any, call: Call) -> AsyncIterator[Any]:
    projections, options = _known(node, call), request.options
    mode = options.WhichOneof("mode")
    if mode == "name" and options.name:
        found = [projections.find(options.name, "Statistics")]
    else:
        found = [each for each in projections.all() if mode not in MODES or each.mode == MODES[mode]]
    for each in found:
        yield projections_pb2.StatisticsResp(details=_details(projections, each))


def _details(projections: Projections, projection: Projection) -> Any:
    place = projections.place(projection.name)
    return Details(
        name=projection.name,
        effectiveName=projection.name,
        status=projection.status,
        mode=projection.mode,
        version=projection.version,
        position=f"C:{place}/P:{place}",
        lastCheckpoint=f"C:{place}/P:{place}",
        progress=100.0,
        eventsProcessedAfterRestart=projections.processed(projection.name),
    )


async def restart(node: Node, _: Any, call: Call) -> Any:
    projections = _operated(node, call)
    projections.stop()
    projections.start()
    return shared_pb2.Empty()
