"""Webhooks of the payment gateway."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict

from domain.shared.errors import DomainError, NotFound
from domain.shared.recorded import Metadata
from write_api.http.route import read
from write_api.ports import Ports

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

log = structlog.get_logger()


class Heard(BaseModel):
    """Whether it was stored, now or earlier. What was not does not fit what we know, and never will, or is of a type
    that means nothing here."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"stored": True}]})

    stored: bool


@router.post("/payments")
async def payments(
    request: Request, signature: Annotated[str, Header(alias="Stripe-Signature", description="`t=...,v1=...`")]
) -> Heard:
    """Receive a webhook of the payment gateway. It is signed; anything but 2xx means: send it again.

    A type of event that means nothing here is taken and counted. A field that is missing or out of bounds is a 422 that
    names it.
    """
    ports: Ports = request.app.state.ports
    command_id, command = ports.webhooks(await read(request), signature)
    if command is None:
        return Heard(stored=False)
    told = Metadata(command_id=command_id, correlation_id=command_id, causation_id=command_id, actor="gateway")
    try:
        await ports.handler(command, told)
    except NotFound:
        raise
    except DomainError as error:
        log.warning("webhook refused", command_id=str(command_id), error=type(error).__name__, detail=error.detail)
        return Heard(stored=False)
    return Heard(stored=True)
