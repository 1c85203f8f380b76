"""ServerFeatures, which the client does not bring: its two messages are made here."""

from collections.abc import Iterable
from typing import Any

from esdbclient.protos.Grpc import shared_pb2
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

VERSION = "23.10.8"
PACKAGE = "event_store.client.server_features"
SERVICE = f"{PACKAGE}.ServerFeatures"

_STRING, _MESSAGE = 9, 11
_ONE, _MANY = 1, 3


def _messages() -> tuple[Any, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="serverfeatures.proto", package=PACKAGE, syntax="proto3")
    methods = file.message_type.add(name="SupportedMethods")
    methods.field.add(name="methods", number=1, type=_MESSAGE, label=_MANY, type_name=f".{PACKAGE}.SupportedMethod")
    methods.field.add(name="event_store_server_version", number=2, type=_STRING, label=_ONE)
    method = file.message_type.add(name="SupportedMethod")
    method.field.add(name="method_name", number=1, type=_STRING, label=_ONE)
    method.field.add(name="service_name", number=2, type=_STRING, label=_ONE)
    method.field.add(name="features", number=3, type=_STRING, label=_MANY)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return (
        message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.SupportedMethods")),
        message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.SupportedMethod")),
    )


SupportedMethods, SupportedMethod = _messages()
Request = shared_pb2.Empty


def supported(methods: Iterable[tuple[str, str]]) -> Any:
    """Of (service, method) pairs."""
    return SupportedMethods(
        event_store_server_version=VERSION,
        methods=[
            SupportedMethod(
                method_name=method.lower(), service_name=service.lower(), features=_features(service, method)
            )
            for service, method in methods
        ],
    )


def _features(service: str, method: str) -> list[str]:
    if "PersistentSubscriptions" in service:
        return ["stream", "all"]
    if "Streams" in service and "Read" in method:
        return ["position", "events"]
    if "Streams" in service and "BatchAppend" in method:
        return ["deadline_duration"]
    if "Projections" in service and "Create" in method:
        return ["track_emitted_streams"]
    return []
