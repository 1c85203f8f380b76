"""Addresses, passwords and tokens as they are sent, and the sessions that answer them."""

from datetime import datetime
from typing import Annotated, TypeAlias

from email_validator import EmailNotValidError, validate_email
from fastapi import Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pydantic_core import PydanticCustomError

from commands.accounts.merging import CartOfLogin
from commands.accounts.ports import Granted
from commands.accounts.services import Accounts
from write_api.http.errors import NotReady
from write_api.http.fields import MOST_UNITS, Text
from write_api.ports import Ports

LONGEST_ADDRESS, LONGEST_PASSWORD, LONGEST_TOKEN = 254, 256, 4096
LONGEST_DEVICE = 200


def _deliverable(address: str) -> str:
    """A form that mails can go to (RFC 5321, RFC 6531). Its letters stay as they are."""
    address = address.strip()
    try:
        validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise PydanticCustomError("email", "It is no e-mail address") from None
    return address


Email: TypeAlias = Annotated[
    str,
    Field(min_length=3, max_length=LONGEST_ADDRESS, json_schema_extra={"format": "email"}),
    AfterValidator(_deliverable),
]
Password: TypeAlias = Annotated[SecretStr, Field(min_length=1, max_length=LONGEST_PASSWORD)]
Device: TypeAlias = Annotated[
    Text | None, Field(max_length=LONGEST_DEVICE, description="What the list of devices calls it.")
]
Token: TypeAlias = Annotated[SecretStr, Field(min_length=1, max_length=LONGEST_TOKEN)]


class MergedLine(BaseModel):
    """A line of the guest's cart: the sum that was asked for, and what there is now; 0 if it is not sold any more."""

    sku: str
    asked: int = Field(ge=1, le=2 * MOST_UNITS)
    quantity: int = Field(ge=0, le=MOST_UNITS)


class MergedCart(BaseModel):
    """The cart of the account. `lines` are those of the guest's cart, if one was merged into it at this login.

    Prices stay as they were seen until they are accepted.
    """

    cart_id: str
    lines: list[MergedLine]


class LoggedIn(BaseModel):
    """Tokens of a session. Send the access token as `Authorization: Bearer ...`; keep the refresh token secret."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "subject": "shopper-0197f0a4-9f6e-5c39-b1a5-3f1d2c4b5a69",
                    "access_token": "eyJhbGciOiJFUzI1NiIsImtpZCI6...",
                    "expires_at": "2026-11-25T12:05:00Z",
                    "refresh_token": "q3k...",
                    "refresh_expires_at": "2026-12-25T12:00:00Z",
                    "session_id": "0197f0a4-9f6e-7c39-b1a5-3f1d2c4b5a69",
                }
            ]
        }
    )

    subject: str
    access_token: str
    expires_at: datetime
    refresh_token: str = Field(description="Good for one refresh. Its successor comes with the answer.")
    refresh_expires_at: datetime
    session_id: str
    device_token: str | None = Field(
        default=None, description="Send it with the next login: a device that is known is not kept out by others."
    )
    cart: MergedCart | None = Field(
        default=None, description="After a login of a shopper: the open cart of the account, if there is one."
    )


def logged_in(ports: Ports, granted: Granted, device_token: str | None = None) -> LoggedIn:
    """The tokens of a session. Raises StoreUnavailable."""
    session = granted.session
    access = ports.tokens.access(session.subject, [session.realm], str(session.session_id), session.authenticated_at)
    return LoggedIn(
        subject=session.subject,
        access_token=access.token,
        expires_at=access.expires_at,
        refresh_token=granted.refresh_token,
        refresh_expires_at=session.expires_at,
        session_id=str(session.session_id),
        device_token=device_token,
    )


def merged_cart(merged: CartOfLogin) -> MergedCart:
    lines = [MergedLine(sku=it.sku, asked=it.asked, quantity=it.quantity) for it in merged.lines]
    return MergedCart(cart_id=merged.cart_id, lines=lines)


def accounts_of(ports: Ports) -> Accounts:
    """Raises NotReady where the API was put together without accounts."""
    if ports.accounts is None:
        raise NotReady("This write API has no accounts.")
    return ports.accounts


def network_of(request: Request, ports: Ports) -> str:
    """The network that attempts are counted for: an IPv4 address, or a /64 of IPv6."""
    host = "unknown" if request.client is None else request.client.host
    return ports.pseudonym(host) or host
