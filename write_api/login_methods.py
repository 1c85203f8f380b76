"""What the caller logs in with: the passkeys of shoppers and staff, and the second factor of staff."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Security
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from commands.accounts.ports import Realm
from commands.accounts.services import Accounts
from commands.passkeys import adding, changing, holding
from commands.passkeys.adding import NewPasskey
from domain.customer.errors import AccountNotFound
from domain.staff.permissions import Permission
from write_api.auth import Taken
from write_api.http.context import Context, context, recent
from write_api.http.credentials import Token, accounts_of, network_of
from write_api.http.fields import Body, example
from write_api.http.passkeys import CeremonyOptions, PasskeyName, RegistrationResponse, ceremony
from write_api.http.route import CommandRoute
from write_api.second_factor import Enrolled, enrolled, staff_login

router = APIRouter(prefix="/auth", tags=["auth"], route_class=CommandRoute)

ALL = list(Permission)
ATTESTATION: JsonValue = {
    "id": "q3kZ",
    "rawId": "q3kZ",
    "type": "public-key",
    "response": {"clientDataJSON": "eyJ0", "attestationObject": "o2Nm"},
}


@dataclass(frozen=True, slots=True)
class Holder:
    """One who has logged in, shopper or member of staff."""

    context: Context
    accounts: Accounts
    realm: Realm

    @property
    def subject(self) -> str:
        return self.context.caller.subject


def _holder(it: Context) -> Holder:
    """Raises AccountNotFound for tokens that come from no login."""
    if it.caller.session is None:
        raise AccountNotFound("This token comes from no login. Log in first.")
    realm = Realm.STAFF if Realm.STAFF in it.caller.roles else Realm.SHOPPER
    return Holder(it, accounts_of(it.ports), realm)


async def holder(it: Annotated[Context, Security(context, scopes=ALL)]) -> Holder:
    return _holder(it)


async def recent_holder(it: Annotated[Context, Security(recent, scopes=ALL)]) -> Holder:
    return _holder(it)


Own = Annotated[Holder, Depends(holder)]
RecentOwn = Annotated[Holder, Depends(recent_holder)]
"""Who has logged in within ten minutes: who adds a way in could come back later."""


class Passkey(BaseModel):
    """A passkey of the caller's. `used_at` is its last login."""

    passkey_id: UUID
    name: str
    added_at: datetime
    used_at: datetime | None


class LoginMethods(BaseModel):
    """What the caller can log in with."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "password": True,
                    "provider": False,
                    "authenticator_app": False,
                    "passkeys": [
                        {
                            "passkey_id": "0197f0a4-9f6e-7c39-b1a5-3f1d2c4b5a69",
                            "name": "Phone",
                            "added_at": "2026-11-25T12:00:00Z",
                            "used_at": None,
                        }
                    ],
                }
            ]
        }
    )

    password: bool
    provider: bool = Field(description="Of staff: whether an account at the identity provider is theirs.")
    authenticator_app: bool = Field(description="Of staff: whether codes of an app are asked for.")
    passkeys: list[Passkey]


class AddedPasskey(Body):
    """What `navigator.credentials.create()` answered."""

    model_config = example(name="Phone", passkey=ATTESTATION)

    name: PasskeyName
    passkey: RegistrationResponse


class PasskeyAdded(BaseModel):
    """The new passkey."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"passkey_id": "0197f0a4-9f6e-7c39-b1a5-3f1d2c4b5a69"}]})

    passkey_id: UUID


class PasskeyRename(Body):
    model_config = example(name="Old phone")

    name: PasskeyName


class OwnCode(Body):
    model_config = example(code="492039")

    code: Annotated[Token, Field(description="Six digits of the app.")]


class RecoveryCodes(BaseModel):
    """They are shown once."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"recovery_codes": ["0f1e2d3c4b5a69788796"]}]})

    recovery_codes: list[str] = Field(description="Each lets its holder in once without the app.")


@router.get("/login-methods")
async def read_login_methods(it: Own) -> LoginMethods:
    """Read what the caller can log in with."""
    found = await holding.own(it.accounts, it.realm, it.subject)
    return LoginMethods(
        password=await it.accounts.identity.password_of(it.subject) is not None,
        provider=await _is_bound(it),
        authenticator_app=await _has_app(it),
        passkeys=[
            Passkey(passkey_id=one.passkey_id, name=one.name, added_at=one.made_at, used_at=one.used_at)
            for one in found
        ],
    )


@router.post("/passkey/options")
async def begin_passkey(it: RecentOwn) -> CeremonyOptions:
    """Get options for a new passkey of the caller's. It needs a login within the last 10 minutes."""
    address = await it.accounts.identity.claimed_address_of(it.subject)
    opened = None if address is None else await it.accounts.vault.open(address)
    if opened is None:
        raise AccountNotFound("There is no account of yours. Register first.")
    return ceremony(await adding.options(it.accounts, it.realm, it.subject, opened.decode()))


@router.post("/passkeys", status_code=201)
async def add_passkey(it: RecentOwn, body: AddedPasskey) -> PasskeyAdded:
    """Add a passkey. It needs a login within the last 10 minutes; a mail tells the holder."""
    new = NewPasskey(body.passkey.document(), body.name)
    passkey_id = await adding.add(it.accounts, it.realm, it.subject, new, it.context.metadata)
    it.context.created("auth", "passkeys", str(passkey_id))
    return PasskeyAdded(passkey_id=passkey_id)


@router.patch("/passkeys/{passkey_id}")
async def rename_passkey(it: Own, passkey_id: UUID, body: PasskeyRename) -> Taken:
    """Rename a passkey."""
    await changing.rename(it.accounts, it.realm, it.subject, passkey_id, body.name)
    return Taken()


@router.delete("/passkeys/{passkey_id}")
async def remove_passkey(it: RecentOwn, passkey_id: UUID) -> Taken:
    """Remove a passkey, but not the last way to log in. It needs a login within the last 10 minutes.

    One that is not there is no error.
    """
    another_way = await it.accounts.identity.password_of(it.subject) is not None or await _is_bound(it)
    await changing.remove(it.accounts, it.realm, it.subject, passkey_id, it.context.metadata, another_way=another_way)
    return Taken()


@router.post("/authenticator-app")
async def begin_authenticator_app(it: RecentOwn) -> Enrolled:
    """Get a secret for an authenticator app of a member of staff. It counts from the first right code on."""
    return enrolled(await staff_login(it.context.ports).enrol_own(_member(it)))


@router.post("/authenticator-app/confirm")
async def confirm_authenticator_app(it: RecentOwn, request: Request, body: OwnCode) -> RecoveryCodes:
    """Use the authenticator app from now on, by a code of it."""
    network = network_of(request, it.context.ports)
    login = staff_login(it.context.ports)
    codes = await login.confirm_own(_member(it), body.code.get_secret_value(), network)
    return RecoveryCodes(recovery_codes=list(codes))


async def _is_bound(it: Holder) -> bool:
    """Whether a member of staff logs in at the identity provider too."""
    provider = it.context.ports.provider
    return it.realm is Realm.STAFF and provider is not None and await provider.bound.is_bound(it.subject)


async def _has_app(it: Holder) -> bool:
    if it.realm is not Realm.STAFF:
        return False
    return (await staff_login(it.context.ports).factors.enrolment_of(it.subject)).secret is not None


def _member(it: Holder) -> str:
    """Raises AccountNotFound for shoppers."""
    if it.realm is not Realm.STAFF:
        raise AccountNotFound("Codes of an app are for staff. Add a passkey instead.")
    return it.subject
