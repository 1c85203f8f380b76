"""Passkeys of those who are not logged in: behind a mailed link, and to log in."""

from fastapi import APIRouter, Request
from pydantic import JsonValue

from commands.accounts import registering
from commands.accounts.ports import Realm
from commands.passkeys import login
from commands.staff.provider_login import check_open
from write_api.auth import Link, Login, with_cart
from write_api.http.credentials import LoggedIn, accounts_of, logged_in, network_of
from write_api.http.fields import example
from write_api.http.passkeys import AuthenticationResponse, CeremonyOptions, ceremony
from write_api.http.route import OpenRoute
from write_api.ports import Ports
from write_api.second_factor import staff_login

router = APIRouter(tags=["auth"], route_class=OpenRoute)

ASSERTION: JsonValue = {
    "id": "q3kZ",
    "rawId": "q3kZ",
    "type": "public-key",
    "response": {"clientDataJSON": "eyJ0", "authenticatorData": "SZYN", "signature": "MEUC"},
}


class PasskeyLogin(Login):
    model_config = example(passkey=ASSERTION)

    passkey: AuthenticationResponse


@router.post("/auth/register/passkey/options")
async def begin_passkey_of_registration(request: Request, body: Link) -> CeremonyOptions:
    """Get options for a passkey of the account behind the mailed link. The link stays good."""
    ports: Ports = request.app.state.ports
    return ceremony(await registering.passkey_options(accounts_of(ports), body.token.get_secret_value()))


@router.post("/staff/join/passkey/options")
async def begin_passkey_of_invitation(request: Request, body: Link) -> CeremonyOptions:
    """Get options for a passkey of the member behind the mailed link. The link stays good."""
    ports: Ports = request.app.state.ports
    check_open(ports.provider)
    return ceremony(await staff_login(ports).join_options(body.token.get_secret_value()))


@router.post("/auth/login/passkey/options")
async def begin_passkey_login(request: Request) -> CeremonyOptions:
    """Get options to log in with a passkey. They are the same for everybody but for their challenge."""
    ports: Ports = request.app.state.ports
    return ceremony(await login.options(accounts_of(ports), network_of(request, ports)))


@router.post("/auth/login/passkey")
async def log_in_with_passkey(request: Request, body: PasskeyLogin) -> LoggedIn:
    """Log in with a passkey. For staff it counts as both factors. All refusals have the same answer.

    The cart of a guest is merged as after a login with a password.
    """
    ports: Ports = request.app.state.ports
    if body.realm == "staff":
        check_open(ports.provider)
    network, response = network_of(request, ports), body.passkey.document()
    granted = await login.log_in(accounts_of(ports), Realm(body.realm), network, response, body.device)
    return await with_cart(ports, logged_in(ports, granted), body)
