"""The account of the caller, who has logged in."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import Depends

from commands.accounts.services import Accounts
from commands.routes import CUSTOMER
from domain.customer.errors import AccountNotFound
from domain.customer.state import Customer
from domain.shared.personal import Sealed
from write_api.http.context import Context, Shop
from write_api.http.credentials import accounts_of

Plain = dict[str, object]


@dataclass(frozen=True, slots=True)
class Account:
    """One request of a shopper on their own account."""

    context: Context
    accounts: Accounts
    session: UUID

    @property
    def subject(self) -> str:
        return self.context.caller.subject

    async def state(self) -> Customer:
        """The account as it stands. Raises AccountNotFound."""
        customer: Customer = await self.context.handler.state_of(CUSTOMER, f"customer-{self.subject}")
        if not customer.exists:
            raise AccountNotFound("There is no account of yours. Register first.")
        return customer

    async def seal(self, value: bytes) -> Sealed:
        return await self.context.ports.vault.seal(self.subject, value)

    async def opened(self, sealed: Sealed | None) -> bytes | None:
        """None when there is nothing, or when the person was forgotten."""
        return None if sealed is None else await self.context.ports.vault.open(sealed)

    async def document(self, sealed: Sealed | None) -> Plain:
        """A sealed JSON object, empty when there is nothing to read."""
        plain = await self.opened(sealed)
        return {} if plain is None else msgspec.json.decode(plain, type=Plain)

    def check_fresh(self) -> None:
        """Raises ReauthenticationRequired."""
        self.context.require_recent_login()


async def account_of(context: Shop) -> Account:
    """Raises AccountNotFound for guests."""
    if context.caller.session is None:
        raise AccountNotFound("This token is a guest's, who has no account. Register, or log in.")
    return Account(context, accounts_of(context.ports), UUID(context.caller.session))


OwnAccount = Annotated[Account, Depends(account_of)]
