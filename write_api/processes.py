"""Processes: what could not be done is tried again or skipped by hand."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from write_api.http.context import Operations
from write_api.http.fields import Because
from write_api.http.responses import Accepted
from write_api.http.route import CommandRoute

EXAMPLE = "0197f0a5-1d2c-7b1e-8f00-6a7b8c9d0e1f"

CommandId = Annotated[
    UUID, Path(description="As in `cockpit { parked { edges { node { commandId } } } }`.", examples=[EXAMPLE])
]
EntryId = Annotated[
    UUID, Path(description="As in `cockpit { parkedInputs { edges { node { entryId } } } }`.", examples=[EXAMPLE])
]

router = APIRouter(prefix="/processes", tags=["processes"], route_class=CommandRoute)


@router.post("/parked-commands/{command_id}/resend", status_code=202)
async def resend(context: Operations, command_id: CommandId) -> Accepted:
    """Resend a parked command. It was parked after it had failed too often; its id stays, so it is never done twice."""
    return await context.carry_out(context.ports.resend(command_id))


@router.post("/parked-inputs/{entry_id}/resend", status_code=202)
async def resend_input(context: Operations, entry_id: EntryId) -> Accepted:
    """Resend a parked input. A process could not take it in; if it was heard meanwhile, nothing follows.

    Mend the process first: an input that fails again is parked again.
    """
    return await context.carry_out(context.ports.resend_input(entry_id))


@router.post("/parked-commands/{command_id}/skip", status_code=202)
async def skip(context: Operations, command_id: CommandId, body: Because) -> Accepted:
    """Skip a parked command. It is never carried out, and waits no more; the process goes on without it.

    Do by other means what it was for, or be sure that it is not wanted.
    """
    return await context.carry_out(context.ports.skip(command_id, body.reason))


@router.post("/parked-inputs/{entry_id}/skip", status_code=202)
async def skip_input(context: Operations, entry_id: EntryId, body: Because) -> Accepted:
    """Skip a parked input. Its process never takes it in, and it waits no more."""
    return await context.carry_out(context.ports.skip_input(entry_id, body.reason))
