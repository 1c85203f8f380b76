"""The account of the caller: profile, address book and consents, opened for them alone."""

from datetime import datetime

import msgspec
import strawberry

from domain.customer import state
from projections import accounts
from projections.accounts import by_subjects
from read_api import addresses
from read_api.addresses import Address
from read_api.graphql.context import Info
from read_api.graphql.values import described

MODEL = accounts.PROJECTION.name


class _Profile(msgspec.Struct):
    """As the write API sealed it."""

    name: str | None = None
    phone: str | None = None
    language: str | None = None


@strawberry.type(description="An address of the book.")
class KeptAddress:
    address_id: strawberry.ID
    for_delivery: bool = strawberry.field(description="Whether it is the default for deliveries.")
    for_billing: bool = strawberry.field(description="Whether it is the default for bills.")
    address: Address


@strawberry.type(description="A consent that was given or withdrawn.")
class Consent:
    purpose: str
    given: bool
    wording: str | None = strawberry.field(description="Which text the shopper saw.")
    at: datetime


@strawberry.type(description="What a shopper has told about themselves.")
class Profile:
    name: str | None
    phone: str | None
    language: str | None = strawberry.field(description="BCP 47")


@strawberry.type(description="The account of a shopper.")
class Account:
    registered_at: datetime
    customer: strawberry.Private[state.Customer]

    @described("The verified address.")
    async def email(self, info: Info) -> str | None:
        sealed = self.customer.email
        plain = None if sealed is None else await info.context.ports.vault.open(sealed)
        return None if plain is None else plain.decode()

    @described(None)
    async def profile(self, info: Info) -> Profile:
        sealed = self.customer.profile
        plain = None if sealed is None else await info.context.ports.vault.open(sealed)
        known = _Profile() if plain is None else msgspec.json.decode(plain, type=_Profile)
        return Profile(name=known.name or None, phone=known.phone or None, language=known.language)

    @described("In the order of adding.")
    async def addresses(self, info: Info) -> list[KeptAddress]:
        it, vault = self.customer, info.context.ports.vault
        found = [(id, await addresses.opened(vault, it.addresses[id])) for id in it.order_of_addresses]
        return [
            KeptAddress(
                address_id=strawberry.ID(id),
                for_delivery=it.for_delivery == id,
                for_billing=it.for_billing == id,
                address=address,
            )
            for id, address in found
            if address is not None
        ]

    @described("Every decision, the oldest first: the last one for a purpose holds.")
    def consents(self) -> list[Consent]:
        return [
            Consent(purpose=it.purpose, given=it.given, wording=it.wording, at=it.at) for it in self.customer.consents
        ]


async def own_account(info: Info) -> Account | None:
    """None for guests and staff, who have none."""
    subject = info.context.customer()
    found = (await by_subjects(await info.context.tables(MODEL), [subject])).get(subject)
    if found is None or found.registered_at is None:
        return None
    return Account(registered_at=found.registered_at, customer=found)
