"""From the wire to a handler: faults first, then who calls, then the answer or the refusal."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any

import grpc

from .access import Access, User
from .faults import LOST_ANSWER, STALL, Fault, Faults
from .refusals import RpcRefusal, handler_failed

HEARD_OUT = 0.1

Abort = tuple[grpc.StatusCode, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler knows of its caller. `fault` is one that the handler itself must play."""

    user: User
    requires_leader: bool
    connection_name: str
    peer: str
    fault: Fault | None = None


class Admission:
    """What every call passes."""

    def __init__(self, access: Access, faults: Faults) -> None:
        self.access, self.faults = access, faults

    async def admit(self, context: Any, method: str) -> Call:
        metadata: Mapping[str, str] = dict(context.invocation_metadata() or ())
        fault = self.faults.next_for(method)
        if fault and fault.kind == STALL:
            await asyncio.sleep(fault.seconds)
        elif fault and fault.kind != LOST_ANSWER and method != "BatchAppend":
            raise fault.refused()
        return Call(
            user=self.access.user_of(metadata),
            requires_leader=metadata.get("requires-leader", "").lower() == "true",
            connection_name=metadata.get("connection-name", ""),
            peer=context.peer(),
            fault=fault,
        )


def one_answer(
    admission: Admission, method: str, handle: Callable[[Any, Call], Awaitable[Any]]
) -> Callable[[Any, Any], Awaitable[Any]]:
    """A handler that answers once, to one message or to many."""

    async def answer(request: Any, context: Any) -> Any:
        try:
            return await handle(request, await admission.admit(context, method))
        except Exception as failure:
            refusal = _refusal(failure)
        await _hear_out(request)
        return await context.abort(*refusal)

    return answer


def many_answers(
    admission: Admission, method: str, handle: Callable[[Any, Call], AsyncIterator[Any]]
) -> Callable[[Any, Any], Awaitable[None]]:
    """A handler that goes on answering, to one message or to many."""

    async def answer(request: Any, context: Any) -> None:
        answered = False
        try:
            call = await admission.admit(context, method)
            async with aclosing(handle(request, call)) as answers:  # type: ignore[type-var]
                async for message in answers:
                    await context.write(message)
                    answered = True
            return
        except Exception as failure:
            refusal = _refusal(failure)
        if not answered:
            await _hear_out(request)
        await context.abort(*refusal)

    return answer


async def _hear_out(request: Any) -> None:
    """A client that is refused while it still writes reports its own write that failed, not the refusal."""
    if not hasattr(request, "__anext__"):
        return
    with suppress(Exception):
        async with asyncio.timeout(HEARD_OUT):
            async for _ in request:
                pass


def _refusal(failure: Exception) -> Abort:
    """What goes wrong in a handler without words of its own is told as .NET tells it."""
    refusal = failure if isinstance(failure, RpcRefusal) else handler_failed()
    return refusal.code, refusal.details, refusal.trailers
