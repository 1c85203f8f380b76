"""The sessions, the password and the address of a shopper who has logged in."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from commands.accounts import emails, login, passwords
from write_api.auth import ADDRESS, SECRET, Taken
from write_api.http.account import Account, OwnAccount
from write_api.http.credentials import Email, Password, network_of
from write_api.http.fields import Body, example
from write_api.http.route import CommandRoute

router = APIRouter(prefix="/auth", tags=["auth"], route_class=CommandRoute)

WITHOUT = "Left out by an account that opens with passkeys only; it needs a login within the last 10 minutes then."
EVERYWHERE = "Logged out everywhere"


class PasswordChange(Body):
    model_config = example(current=SECRET, new="another unlikely phrase")

    current: Annotated[Password | None, Field(description=WITHOUT)] = None
    new: Password


class NewEmail(Body):
    model_config = example(email=ADDRESS, password=SECRET)

    email: Email
    password: Annotated[Password | None, Field(description=WITHOUT)] = None


class Device(BaseModel):
    """A session that goes on; `present` is the one that asks."""

    session_id: UUID
    device: str | None
    started_at: datetime
    seen_at: datetime
    present: bool


class Devices(BaseModel):
    """Sessions that go on, the latest used first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sessions": [
                        {
                            "session_id": "0197f0a4-9f6e-7c39-b1a5-3f1d2c4b5a69",
                            "device": "Firefox on Linux",
                            "started_at": "2026-11-25T12:00:00Z",
                            "seen_at": "2026-11-25T14:30:00Z",
                            "present": True,
                        }
                    ]
                }
            ]
        }
    )

    sessions: list[Device]


@router.get("/sessions")
async def read_sessions(account: OwnAccount) -> Devices:
    """List the devices that are logged in, the latest used first."""
    found = await account.accounts.identity.sessions_of(account.subject, account.context.now)
    devices = [
        Device(
            session_id=it.session_id,
            device=it.device,
            started_at=it.started_at,
            seen_at=it.seen_at,
            present=it.session_id == account.session,
        )
        for it in found
    ]
    return Devices(sessions=devices)


@router.delete("/sessions/{session_id}")
async def end_session(account: OwnAccount, session_id: UUID) -> Taken:
    """Log a device out. Its tokens are refused within seconds, everywhere."""
    await login.end_session(account.accounts, account.subject, session_id)
    return Taken()


@router.post("/logout/everywhere")
async def log_out_everywhere(account: OwnAccount) -> Taken:
    """Log all devices out, this one too."""
    await login.log_out_everywhere(account.accounts, account.subject, account.context.metadata.command_id, EVERYWHERE)
    return Taken()


@router.put("/password")
async def change_password(account: OwnAccount, body: PasswordChange) -> Taken:
    """Change the password by the present one. All other devices are logged out."""
    await passwords.change(
        account.accounts,
        account.subject,
        account.session,
        _known(account, body.current),
        body.new.get_secret_value(),
        account.context.metadata.command_id,
    )
    return Taken()


@router.post("/email", status_code=202)
async def change_email(account: OwnAccount, request: Request, body: NewEmail) -> Taken:
    """Ask to change the e-mail address. A link goes to the new one; until it is followed nothing changes."""
    network = network_of(request, account.context.ports)
    await emails.ask(account.accounts, account.subject, body.email, _known(account, body.password), network)
    return Taken()


def _known(account: Account, password: SecretStr | None) -> str | None:
    """Without a password only a recent login proves who asks. Raises ReauthenticationRequired."""
    if password is None:
        account.check_fresh()
        return None
    return password.get_secret_value()
