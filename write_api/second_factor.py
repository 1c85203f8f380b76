"""The second step of a login of staff."""

from typing import Annotated

import segno
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from commands.staff.second_factor import NewSecret, StaffLogin
from write_api.http.credentials import Device, LoggedIn, Token, accounts_of, logged_in, network_of
from write_api.http.errors import NotReady
from write_api.http.fields import Body, example
from write_api.http.route import OpenRoute
from write_api.ports import Ports

router = APIRouter(prefix="/auth", tags=["auth"], route_class=OpenRoute)

CHALLENGE = "staff-0197f0a7-3f4e-5d30-8b22-8c9d0e1f2a3b.1764590400.6a5c..."


class Challenged(Body):
    """The challenge of a login that needs a second factor."""

    model_config = example(challenge=CHALLENGE)

    challenge: Token


class Code(Body):
    model_config = example(challenge=CHALLENGE, code="492039")

    challenge: Token
    code: Annotated[Token, Field(description="Six digits of the app, or a recovery code.")]
    device: Device = None


class Enrolled(BaseModel):
    """A secret for an authenticator app, as text, as an address and as a QR code. A code of it confirms it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"secret": "...", "uri": "otpauth://totp/Counterfoil:...", "qr_svg": "<svg ...>"}]
        }
    )

    secret: str
    uri: str
    qr_svg: str


class Entered(LoggedIn):
    """The tokens of a session, and after an enrolment the recovery codes, which are shown once."""

    recovery_codes: list[str] = Field(default=[], description="Each lets its holder in once without the app.")


def staff_login(ports: Ports) -> StaffLogin:
    """Raises NotReady where the API was put together without accounts."""
    if ports.second_factors is None:
        raise NotReady("This write API has no second factors.")
    return StaffLogin(accounts_of(ports), ports.second_factors)


def enrolled(new: NewSecret) -> Enrolled:
    return Enrolled(secret=new.secret, uri=new.address, qr_svg=segno.make(new.address).svg_inline(scale=4))


@router.post("/second-factor/enrol")
async def enrol_second_factor(request: Request, body: Challenged) -> Enrolled:
    """Enrol a second factor with the challenge of a login. It counts from the first right code on."""
    ports: Ports = request.app.state.ports
    return enrolled(await staff_login(ports).enrol(body.challenge.get_secret_value()))


@router.post("/login/second-factor")
async def log_in_with_second_factor(request: Request, body: Code) -> Entered:
    """Log in with a code and the challenge of a login. Each code is good once."""
    ports: Ports = request.app.state.ports
    challenge, code = body.challenge.get_secret_value(), body.code.get_secret_value()
    entered = await staff_login(ports).enter(challenge, code, network_of(request, ports), body.device)
    tokens = logged_in(ports, entered.granted)
    return Entered(**tokens.model_dump(), recovery_codes=list(entered.recovery_codes))
