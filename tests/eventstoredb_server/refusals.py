"""How the server says no: RPC statuses with their trailers, in the words of the real one."""

from collections.abc import Mapping
from typing import Final

from grpc import StatusCode

HANDLER_FAILED: Final = "Exception was thrown by handler."


class RpcRefusal(Exception):
    """Ends the call with this status."""

    def __init__(self, code: StatusCode, details: str, trailers: Mapping[str, str] | None = None) -> None:
        super().__init__(details)
        self.code, self.details, self.trailers = code, details, tuple((trailers or {}).items())


def access_denied() -> RpcRefusal:
    return RpcRefusal(StatusCode.PERMISSION_DENIED, "Access Denied", {"exception": "access-denied"})


def unauthenticated() -> RpcRefusal:
    return RpcRefusal(StatusCode.UNAUTHENTICATED, "Unauthenticated")


def stream_deleted(stream: str) -> RpcRefusal:
    details = f"Event stream '{stream}' is deleted."
    return RpcRefusal(
        StatusCode.FAILED_PRECONDITION, details, {"exception": "stream-deleted", "stream-name": header(stream)}
    )


def wrong_expected_version(operation: str, stream: str, expected: int, actual: int) -> RpcRefusal:
    return RpcRefusal(
        StatusCode.FAILED_PRECONDITION,
        f"{operation} failed due to WrongExpectedVersion."
        f" Stream: {stream}, Expected version: {expected}, Actual version: {actual}",
        {
            "exception": "wrong-expected-version",
            "stream-name": header(stream),
            "expected-version": str(expected),
            "actual-version": str(actual),
        },
    )


def append_too_big(limit: int) -> RpcRefusal:
    return RpcRefusal(
        StatusCode.INVALID_ARGUMENT,
        f"Maximum Append Size of {limit} Exceeded.",
        {"exception": "maximum-append-size-exceeded", "maximum-append-size": str(limit)},
    )


def metadata_missing(name: str) -> RpcRefusal:
    return RpcRefusal(
        StatusCode.INVALID_ARGUMENT,
        f"Required Metadata Property '{name}' is missing",
        {"exception": "missing-required-metadata-property", "required-metadata-properties": "type,content-type"},
    )


def not_leader(leader: tuple[str, int]) -> RpcRefusal:
    host, port = leader
    return RpcRefusal(
        StatusCode.NOT_FOUND,
        "Leader info available",
        {"exception": "not-leader", "leader-endpoint-host": host, "leader-endpoint-port": str(port)},
    )


def no_leader() -> RpcRefusal:
    return RpcRefusal(StatusCode.UNKNOWN, "No leader info available in response")


def not_ready() -> RpcRefusal:
    return RpcRefusal(StatusCode.UNAVAILABLE, "Server Is Not Ready")


def too_busy() -> RpcRefusal:
    return RpcRefusal(StatusCode.UNAVAILABLE, "Server Is Too Busy")


def timed_out(message: str) -> RpcRefusal:
    return RpcRefusal(StatusCode.ABORTED, f"Operation timed out: {message}")


def consumer_too_slow(state: str = "live") -> RpcRefusal:
    return timed_out(f"Consumer too slow to handle event while {state}. Client resubscription required.")


def read_failed(kind: str) -> RpcRefusal:
    return RpcRefusal(StatusCode.UNKNOWN, f"Unexpected {kind}: Error")


def handler_failed() -> RpcRefusal:
    return RpcRefusal(StatusCode.UNKNOWN, HANDLER_FAILED)


def invalid_argument(details: str) -> RpcRefusal:
    return RpcRefusal(StatusCode.INVALID_ARGUMENT, details)


def header(text: str) -> str:
    """Names beyond ASCII do not fit into a trailer."""
    return text.encode("ascii", "replace").decode()
