"""Processes: what could not be done, tried again by hand."""

from uuid import UUID

from fastapi import APIRouter

from write_api.accepted import Accepted
from write_api.context import BackOffice
from write_api.route import CommandRoute

router = APIRouter(prefix="/processes", tags=["processes"], route_class=CommandRoute)


@router.post("/parked-commands/{command_id}/resend", status_code=202)
async def resend(context: BackOffice, command_id: UUID) -> Accepted:
    """Send a command again that was parked after it had failed too often. Its id stays, so it is never done twice."""
    return await context.carry_out(context.ports.resend(command_id))
