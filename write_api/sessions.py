"""A shopper without an account gets a name of their own."""

from datetime import datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from domain.shared.ids import GUEST
from domain.staff.permissions import SHOPPER
from write_api.http.credentials import network_of
from write_api.ports import Ports

router = APIRouter(prefix="/sessions", tags=["sessions"])


class Session(BaseModel):
    """A token to send as `Authorization: Bearer ...`, and whom it speaks for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "subject": "guest-0197f0a4-9f6e-7c39-b1a5-3f1d2c4b5a69",
                    "token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...",
                    "expires_at": "2026-12-25T12:00:00Z",
                }
            ]
        }
    )

    subject: str
    token: str
    expires_at: datetime


@router.post("", status_code=201)
async def start_session(request: Request, response: Response) -> Session:
    """Create a guest session. The shopper gets a token, and needs no account."""
    ports: Ports = request.app.state.ports
    if ports.accounts is not None:
        await ports.accounts.attempts.guest(network_of(request, ports))
    subject = f"{GUEST}{ports.new_id()}"
    lifetime = ports.rules.session_lifetime
    token = ports.tokens.issue(subject, [SHOPPER], lifetime)
    response.headers["Location"] = f"/sessions/{subject}"
    return Session(subject=subject, token=token, expires_at=ports.clock() + lifetime)
