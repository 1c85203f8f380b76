"""Logging in at an identity provider (OpenID Connect), for staff."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from commands.staff.provider_login import NoProvider, ProviderLogins
from write_api.http.credentials import Device, LoggedIn, Token, accounts_of, logged_in, network_of
from write_api.http.fields import Body, Text, example
from write_api.http.route import OpenRoute
from write_api.ports import Ports

router = APIRouter(prefix="/auth/provider", tags=["auth"], route_class=OpenRoute)


class ProviderBeginning(Body):
    model_config = example(fresh=True)

    invitation: Annotated[Token | None, Field(description="The token of an invitation's link, to join by it.")] = None
    fresh: Annotated[bool, Field(description="Let the provider ask for the login again.")] = False


class ProviderBegun(BaseModel):
    """Where to send the browser. Keep `state` in that browser: only there the login may be completed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"address": "https://login.example/authorize?...", "state": "q3k..."}]}
    )

    address: str
    state: str


class ProviderReturn(Body):
    """What the provider sent the browser back with, after `state` was compared with the one in that browser."""

    model_config = example(state="q3k...", code="SplxlOBeZQQYbYS6WxSbIA")

    state: Token
    code: Token
    iss: Annotated[Text | None, Field(max_length=500, description="RFC 9207.")] = None
    device: Device = None


@router.post("/begin")
async def begin_provider_login(request: Request, body: ProviderBeginning) -> ProviderBegun:
    """Begin a login of staff at the identity provider. It has to be completed within ten minutes, once."""
    ports: Ports = request.app.state.ports
    logins = provider_logins(ports)
    await accounts_of(ports).attempts.challenge(network_of(request, ports))
    invitation = None if body.invitation is None else body.invitation.get_secret_value()
    address, state = await logins.begin(invitation, fresh=body.fresh)
    return ProviderBegun(address=address, state=state)


@router.post("/complete")
async def complete_provider_login(request: Request, body: ProviderReturn) -> LoggedIn:
    """Log in with the code of the identity provider, or join by an invitation.

    It is the one that the login was begun with. A member is known by issuer and subject, never by an e-mail address.
    """
    ports: Ports = request.app.state.ports
    state, code = body.state.get_secret_value(), body.code.get_secret_value()
    return logged_in(ports, await provider_logins(ports).complete(state, code, body.iss, body.device))


def provider_logins(ports: Ports) -> ProviderLogins:
    """Raises NoProvider."""
    if ports.provider is None:
        raise NoProvider("This shop has no identity provider. Log in with a password or a passkey.")
    return ports.provider
