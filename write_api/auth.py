"""Logging in, and what is done without being logged in: registering, and setting a forgotten password."""

from contextlib import suppress
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from commands.accounts import emails, login, passwords, registering
from commands.accounts.merging import kept_cart, merge_cart
from commands.accounts.ports import Attempt, MailKind, Realm
from commands.ports import StoreUnavailable
from commands.staff.provider_login import check_open
from domain.shared.ids import GUEST, CartId
from write_api.http.credentials import (
    Device,
    Email,
    LoggedIn,
    MergedCart,
    Password,
    Token,
    accounts_of,
    logged_in,
    merged_cart,
    network_of,
)
from write_api.http.fields import ID, Body, Text, example
from write_api.http.passkeys import Choice
from write_api.http.route import OpenRoute
from write_api.ports import Ports
from write_api.second_factor import staff_login

router = APIRouter(prefix="/auth", tags=["auth"], route_class=OpenRoute)

LONGEST_NAME = 100
ADDRESS = "anna@shop.example"
SECRET = "correct horse battery staple"
Name = Annotated[Text, Field(max_length=LONGEST_NAME)]


class MailAddress(Body):
    model_config = example(email=ADDRESS)

    email: Email


class Completion(Choice):
    """What is chosen behind the mailed link: a password or a passkey."""

    model_config = example(token="q3k...", password=SECRET, name="Anna Berg")

    token: Token
    name: Name | None = None
    device: Device = None


class Login(Body):
    """What every login may come with."""

    model_config = example(device="Firefox on Linux")

    realm: Annotated[Literal["shopper", "staff"], Field(alias="as")] = "shopper"
    device: Device = None
    guest_token: Annotated[Token | None, Field(description="Of the guest that the shopper was until now.")] = None
    guest_cart_id: Annotated[str | None, Field(pattern=ID, description="Their cart, to be merged.")] = None


class Credentials(Login):
    model_config = example(email=ADDRESS, password=SECRET)

    email: Email
    password: Password
    device_token: Token | None = None


class Refreshing(Body):
    model_config = example(refresh_token="q3k...")

    refresh_token: Token


class NewPassword(Body):
    model_config = example(token="q3k...", password=SECRET)

    token: Token
    password: Password


class Link(Body):
    model_config = example(token="q3k...")

    token: Token


class Taken(BaseModel):
    """The request was taken. The answer is the same whether there is an account or not."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"taken": True}]})

    taken: bool = True


@router.post("/register", status_code=202)
async def register(request: Request, body: MailAddress) -> Taken:
    """Ask for an account. A link goes to the address; behind it the shopper chooses a password or a passkey.

    Where there is an account already, the mail says so.
    """
    ports: Ports = request.app.state.ports
    await registering.ask(accounts_of(ports), MailKind.REGISTER, body.email, network_of(request, ports))
    return Taken()


@router.post("/register/complete", status_code=201)
async def complete_registration(request: Request, body: Completion) -> LoggedIn:
    """Open the account behind the mailed link, and log in. Only a success uses the link up."""
    ports: Ports = request.app.state.ports
    accounts = accounts_of(ports)
    token = body.token.get_secret_value()
    granted = await registering.complete(accounts, token, body.chosen, body.name, body.device)
    return logged_in(ports, granted)


@router.post("/login")
async def log_in(request: Request, body: Credentials) -> LoggedIn:
    """Log in with address and password. A wrong password and an unknown address are answered alike.

    With the token and the cart of the guest that the shopper was, that cart is merged into the account's: quantities
    are added, at most to what is in stock, and `cart` says what came of each line. Without them `cart` is the one that
    the account opened last, if it is still open.
    """
    ports: Ports = request.app.state.ports
    accounts = accounts_of(ports)
    attempt = Attempt(
        realm=Realm(body.realm),
        address=body.email,
        network=network_of(request, ports),
        device=None if body.device_token is None else body.device_token.get_secret_value(),
    )
    password = body.password.get_secret_value()
    if attempt.realm is Realm.STAFF:
        check_open(ports.provider)
        granted = await staff_login(ports).log_in(attempt, password, body.device)
    else:
        granted = await login.log_in(accounts, attempt, password, body.device)
    return await with_cart(ports, logged_in(ports, granted, accounts.attempts.device(body.email)), body)


async def with_cart(ports: Ports, answer: LoggedIn, body: Login) -> LoggedIn:
    """The tokens of a shopper with the cart of the account; those of staff as they are."""
    if body.realm == "staff":
        return answer
    cart = await _cart(ports, answer.subject, _guest(ports, body), body.guest_cart_id)
    return answer.model_copy(update={"cart": cart})


async def _cart(ports: Ports, subject: str, guest: str | None, guest_cart: str | None) -> MergedCart | None:
    """The cart of the account, with the guest's merged into it if there is one."""
    accounts = accounts_of(ports)
    if guest is not None and guest_cart is not None:
        warehouses = ports.rules.delivery.warehouses
        merged = await merge_cart(accounts, subject, guest, CartId(guest_cart), warehouses)
        if merged is not None:
            return merged_cart(merged)
    with suppress(StoreUnavailable):  # a login does not fail because of a cart
        if (kept := await kept_cart(accounts, subject)) is not None:
            return MergedCart(cart_id=kept, lines=[])
    return None


def _guest(ports: Ports, body: Login) -> str | None:
    """The guest of the token. None if it has expired or is not a guest's; the login goes on without it."""
    if body.guest_token is None:
        return None
    try:
        subject = ports.tokens.verify(body.guest_token.get_secret_value()).subject
    except ValueError:
        return None
    return subject if subject.startswith(GUEST) else None


@router.post("/refresh")
async def refresh(request: Request, body: Refreshing) -> LoggedIn:
    """Get a new access token, and the successor of the refresh token.

    A repeat within 30 seconds gets the same successor, unless that was used. A token that comes again later was stolen,
    or its successor was: it ends the session.
    """
    ports: Ports = request.app.state.ports
    return logged_in(ports, await login.refreshed(accounts_of(ports), body.refresh_token.get_secret_value()))


@router.post("/logout")
async def log_out(request: Request, body: Refreshing) -> Taken:
    """End the session of a refresh token. One that is over already is no error."""
    accounts = accounts_of(request.app.state.ports)
    await accounts.identity.end_of(body.refresh_token.get_secret_value(), accounts.clock())
    return Taken()


@router.post("/password/forgotten", status_code=202)
async def forgotten_password(request: Request, body: MailAddress) -> Taken:
    """Ask for a link to set a password anew. It goes to the address as the account has it, if there is one."""
    ports: Ports = request.app.state.ports
    await registering.ask(accounts_of(ports), MailKind.RESET, body.email, network_of(request, ports))
    return Taken()


@router.post("/password/reset")
async def reset_password(request: Request, body: NewPassword) -> Taken:
    """Set a password behind the mailed link. All sessions of the account end."""
    accounts = accounts_of(request.app.state.ports)
    await passwords.reset(accounts, body.token.get_secret_value(), body.password.get_secret_value())
    return Taken()


@router.post("/email/confirm")
async def confirm_email(request: Request, body: Link) -> Taken:
    """Use the new address of an account from now on, by the link that was mailed to it."""
    await emails.confirm(accounts_of(request.app.state.ports), body.token.get_secret_value())
    return Taken()
