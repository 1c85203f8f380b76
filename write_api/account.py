"""The account of a shopper: profile, address book and consents. Personal fields are sealed before they are stored."""

from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from commands.accounts.deleting import delete
from domain.customer.commands import (
    AddAddress,
    ChangeAddress,
    ChangeProfile,
    GiveConsent,
    RemoveAddress,
    WithdrawConsent,
)
from domain.customer.decider import LONGEST_WORDING
from domain.customer.state import Customer
from write_api.checkouts import Address
from write_api.http.account import OwnAccount
from write_api.http.fields import LANGUAGE, UNCHANGED, Body, OptionalText, PathCode, Text, example
from write_api.http.responses import Accepted
from write_api.http.route import CommandRoute

router = APIRouter(prefix="/account", tags=["account"], route_class=CommandRoute)

LONGEST_NAME, LONGEST_PHONE = 100, 40
ADDRESS_ID = "0197f0a4-9f6e-7c39-b1a5-3f1d2c4b5a69"


class ProfileChange(Body):
    """Fields that are left out stay as they are."""

    model_config = example(name="Anna Berg", phone="+41 44 123 45 67", language="de-CH")

    name: Annotated[OptionalText, Field(max_length=LONGEST_NAME, description="Empty: none.")] = UNCHANGED
    phone: Annotated[OptionalText, Field(max_length=LONGEST_PHONE, description="Empty: none.")] = UNCHANGED
    language: Annotated[str, Field(pattern=LANGUAGE, max_length=20, description="BCP 47")] = UNCHANGED


class BookAddress(Address):
    """An address of the book; the first one is the default for everything."""

    model_config = example(
        name="Anna Berg", street="Bergstrasse 1", postal_code="8001", city="Zürich", country="CH", for_delivery=True
    )

    for_delivery: bool = False
    for_billing: bool = False


class Consent(Body):
    """What the shopper agreed to."""

    model_config = example(wording="newsletter-2026-11")

    wording: Annotated[Text, Field(max_length=LONGEST_WORDING, description="Which text the shopper saw.")]


class Profile(BaseModel):
    """The account, opened for its owner."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "subject": "shopper-0197f0a4-9f6e-5c39-b1a5-3f1d2c4b5a69",
                    "email": "anna@shop.example",
                    "name": "Anna Berg",
                    "registered_at": "2026-11-25T12:00:00Z",
                }
            ]
        }
    )

    subject: str
    email: str | None
    name: str | None = None
    phone: str | None = None
    language: str | None = None
    registered_at: datetime


class KeptAddress(BaseModel):
    """An address of the book."""

    address_id: str
    name: str
    street: str
    postal_code: str = ""
    city: str
    region: str = ""
    country: str
    for_delivery: bool = Field(description="Whether it is the default for deliveries.")
    for_billing: bool = Field(description="Whether it is the default for bills.")


class Decision(BaseModel):
    """A consent that was given or withdrawn."""

    purpose: str
    given: bool
    wording: str | None
    at: datetime


class AddressBook(BaseModel):
    """The addresses in the order of adding."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "addresses": [
                        {
                            "address_id": ADDRESS_ID,
                            "name": "Anna Berg",
                            "street": "Bergstrasse 1",
                            "postal_code": "8001",
                            "city": "Zürich",
                            "country": "CH",
                            "for_delivery": True,
                            "for_billing": True,
                        }
                    ]
                }
            ]
        }
    )

    addresses: list[KeptAddress]


class Consents(BaseModel):
    """Every decision, the oldest first: the last one for a purpose holds."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "consents": [
                        {
                            "purpose": "newsletter",
                            "given": True,
                            "wording": "newsletter-2026-11",
                            "at": "2026-11-25T12:00:00Z",
                        }
                    ]
                }
            ]
        }
    )

    consents: list[Decision]


class AddressAdded(Accepted):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"position": "48212", "revision": 2, "address_id": ADDRESS_ID}]}
    )

    address_id: str


@router.get("")
async def read_profile(account: OwnAccount) -> Profile:
    """Read the profile of the account."""
    customer = await account.state()
    email, profile = await account.opened(customer.email), await account.document(customer.profile)
    return Profile.model_validate(
        {
            **profile,
            "subject": account.subject,
            "email": None if email is None else email.decode(),
            "registered_at": customer.registered_at,
        }
    )


@router.patch("")
async def change_profile(account: OwnAccount, body: ProfileChange) -> Accepted:
    """Change the profile of the account."""
    profile = await account.document((await account.state()).profile)
    changed = ProfileChange.model_validate({**_known(profile), **body.model_dump(exclude_unset=True)})
    sealed = await account.seal(changed.model_dump_json(exclude_unset=True).encode())
    context = account.context
    accepted = await context.carry_out(ChangeProfile(subject=account.subject, profile=sealed, at=context.now))
    if "language" in body.model_fields_set:
        await account.accounts.identity.speaks(account.subject, body.language)
    return accepted


@router.get("/addresses")
async def read_addresses(account: OwnAccount) -> AddressBook:
    """Read the address book."""
    customer = await account.state()
    found = [(it, await account.document(customer.addresses[it])) for it in customer.order_of_addresses]
    kept = [_kept(customer, it, cast("dict[str, str]", address)) for it, address in found if address]
    return AddressBook(addresses=kept)


@router.post("/addresses", status_code=201)
async def add_address(account: OwnAccount, body: BookAddress) -> AddressAdded:
    """Add an address to the address book."""
    context = account.context
    address_id = context.new_id("address")
    command = AddAddress(
        subject=account.subject,
        address_id=address_id,
        address=await account.seal(_plain(body)),
        for_delivery=body.for_delivery,
        for_billing=body.for_billing,
        at=context.now,
    )
    at = await context.handler(command, context.metadata)
    context.created("account", "addresses", address_id)
    return context.answer(AddressAdded, at, address_id=address_id)


@router.put("/addresses/{address_id}")
async def change_address(account: OwnAccount, address_id: PathCode, body: BookAddress) -> Accepted:
    """Change an address of the address book."""
    command = ChangeAddress(
        subject=account.subject,
        address_id=address_id,
        address=await account.seal(_plain(body)),
        for_delivery=body.for_delivery,
        for_billing=body.for_billing,
        at=account.context.now,
    )
    return await account.context.carry_out(command)


@router.delete("/addresses/{address_id}")
async def remove_address(account: OwnAccount, address_id: PathCode) -> Accepted:
    """Remove an address from the address book. One that is not there is no error."""
    command = RemoveAddress(subject=account.subject, address_id=address_id, at=account.context.now)
    return await account.context.carry_out(command)


@router.get("/consents")
async def read_consents(account: OwnAccount) -> Consents:
    """Read all consents that were given and withdrawn, the oldest first."""
    decisions = (await account.state()).consents
    return Consents(
        consents=[Decision(purpose=it.purpose, given=it.given, wording=it.wording, at=it.at) for it in decisions]
    )


@router.put("/consents/{purpose}")
async def give_consent(account: OwnAccount, purpose: PathCode, body: Consent) -> Accepted:
    """Give consent for a purpose, such as `newsletter`."""
    context = account.context
    command = GiveConsent(subject=account.subject, purpose=purpose, wording=body.wording, at=context.now)
    return await context.carry_out(command)


@router.delete("/consents/{purpose}")
async def withdraw_consent(account: OwnAccount, purpose: PathCode) -> Accepted:
    """Withdraw consent for a purpose. One that was not given is no error."""
    context = account.context
    return await context.carry_out(WithdrawConsent(subject=account.subject, purpose=purpose, at=context.now))


@router.delete("")
async def delete_account(account: OwnAccount) -> Accepted:
    """Delete the account and all personal data in it. Orders stay on record without them.

    It needs a login within the last 10 minutes, and cannot be undone.
    """
    account.check_fresh()
    context = account.context
    return context.accepted(await delete(account.accounts, account.subject, context.metadata))


def _plain(body: BookAddress) -> bytes:
    """As the address of an order is sealed."""
    return body.model_dump_json(include=set(Address.model_fields)).encode()


def _known(profile: dict[str, object]) -> dict[str, object]:
    """Fields that this version knows."""
    return {name: value for name, value in profile.items() if name in ProfileChange.model_fields}


def _kept(customer: Customer, address_id: str, address: dict[str, str]) -> KeptAddress:
    return KeptAddress.model_validate(
        {
            **address,
            "address_id": address_id,
            "for_delivery": customer.for_delivery == address_id,
            "for_billing": customer.for_billing == address_id,
        }
    )
