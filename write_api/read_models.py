"""Read models: made anew from the log, by request."""

from typing import Annotated

from fastapi import APIRouter, Path

from domain.read_model.commands import RebuildReadModel
from write_api.http.context import Rebuilds
from write_api.http.fields import CODE, Because
from write_api.http.responses import Accepted
from write_api.http.route import CommandRoute

Name = Annotated[str, Path(pattern=CODE, description="As in `projections { name }`.", examples=["stock_levels"])]

router = APIRouter(prefix="/read-models", tags=["read models"], route_class=CommandRoute)


@router.post("/{name}/rebuild", status_code=202)
async def rebuild(context: Rebuilds, name: Name, body: Because) -> Accepted:
    """Rebuild a read model. It is made anew beside the old one, from the first event; readers move when it is ready.

    Events that the old one could not take in are given to the new one again.
    """
    read_models = context.ports.read_models
    request = context.metadata.command_id
    await read_models.check(name, request)
    accepted = await context.carry_out(RebuildReadModel(name=name, reason=body.reason))
    await read_models.rebuild(name, request)
    return accepted
