"""What the write API needs from the outside."""

from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from fastapi import APIRouter

from commands.accounts.services import Accounts
from commands.handler import CommandHandler
from commands.ports import Vault
from commands.staff.ports import KeyDigests, SecondFactors
from commands.staff.provider_login import ProviderLogins
from domain.cart.delivery import DeliveryOptions
from domain.publication.commands import RequestPublication
from domain.shared.holding import HoldLimits
from domain.shared.ids import CartId, CustomerId
from domain.shared.money import Money
from projections.carts import CartPage
from projections.order_view import OrderView


class Caller(Protocol):
    """Who asks, and as what."""

    @property
    def subject(self) -> str: ...

    @property
    def roles(self) -> frozenset[str]: ...

    @property
    def permissions(self) -> frozenset[str]:
        """The names of domain.staff.permissions that the caller has now."""

    @property
    def session(self) -> str | None:
        """The id of the session that the token belongs to; None for tokens of guests and operators."""

    @property
    def authenticated_at(self) -> float | None:
        """Seconds since 1970 when the password, passkey or second factor was checked."""


class Access(Protocol):
    """An access token and when it ends."""

    @property
    def token(self) -> str: ...

    @property
    def expires_at(self) -> datetime: ...


class Tokens(Protocol):
    """Issues and verifies bearer tokens."""

    def access(self, subject: str, roles: Collection[str], session: str, authenticated_at: datetime) -> Access:
        """An access token of a session. Raises StoreUnavailable."""

    def jwks(self) -> Mapping[str, Any]:
        """The public keys of access tokens (RFC 7517)."""

    def issue(self, subject: str, roles: Collection[str], lifetime: timedelta) -> str: ...

    def verify(self, token: str) -> Caller:
        """Raises ValueError, whose text may be shown."""


class WebhookReader(Protocol):
    """Tells the gateway's messages from forged ones."""

    def __call__(self, body: bytes, signature: str) -> tuple[UUID, object | None]:
        """The command that records what is told, and its id, which follows from the gateway's own. Raises Invalid.

        None: what is told means nothing here.
        """


class ReadModels(Protocol):
    """Makes read models anew."""

    async def check(self, name: str, request: UUID) -> None:
        """Raises NotFound, and Conflict while a build that is not of this request is being made."""

    async def rebuild(self, name: str, request: UUID) -> None:
        """Begin a build to which readers move when it has caught up; once for a request, however often it comes."""


class DeadLetters(Protocol):
    """Events that could not be published."""

    async def find(self, event_id: UUID) -> RequestPublication | None:
        """What publishes the event again; None unless its letter waits. Raises StoreUnavailable."""


class OwnRecords(Protocol):
    """What the read models have of one shopper, in pages, the newest first. All methods raise StoreUnavailable."""

    def orders(self, customer: CustomerId) -> AsyncGenerator[Sequence[OrderView]]:
        """Orders that the shopper placed."""

    def carts(self, owner: CustomerId) -> AsyncGenerator[Sequence[tuple[CartId, CartPage]]]:
        """Carts that the shopper opened, whatever became of them."""


class Health(Protocol):
    async def __call__(self) -> Mapping[str, str]:
        """What is wrong, by the name of what does not answer within a short time; empty when all is well."""


class Confirmations(Protocol):
    """Where shoppers confirm payments at their banks."""

    async def address(self, gateway_ref: str) -> str | None:
        """The page for one attempt, made by the gateway for this visit; None if nothing is to be confirmed.

        Raises NotReady.
        """


class PayableAmounts(Protocol):
    """What the payment gateway can move. `field` is where the request states the amount. All raise NotChargeable."""

    def payment(self, amount: Money, field: str) -> None:
        """Accept what a payment can be over. Nothing to pay is no payment."""

    def refund(self, amount: Money, field: str) -> None:
        """Accept what can go back."""


class AnyAmount:
    """Implements PayableAmounts, for a gateway that moves every amount."""

    def payment(self, amount: Money, field: str) -> None:
        pass

    def refund(self, amount: Money, field: str) -> None:
        pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a shop may want otherwise."""

    currency: str
    delivery: DeliveryOptions
    amounts: PayableAmounts = field(default_factory=AnyAmount)
    limits: HoldLimits | None = None
    session_lifetime: timedelta = timedelta(days=30)
    answers_kept: int = 10_000
    refund_without_login: int = 50_000
    """The largest refund, in minor units, for which staff need not have logged in lately."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything outside.

    `resend` and `resend_input` make the commands that send again what was parked, `skip` and `skip_input` those that
    skip it for a reason; `more` are routers of others. `pseudonym` names the client of a network address, or None where
    that many clients share.
    """

    handler: CommandHandler
    vault: Vault
    tokens: Tokens
    webhooks: WebhookReader
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]
    resend: Callable[[UUID], object]
    resend_input: Callable[[UUID], object]
    skip: Callable[[UUID, str], object]
    skip_input: Callable[[UUID, str], object]
    read_models: ReadModels
    dead_letters: DeadLetters
    rules: Rules
    health: Health
    pseudonym: Callable[[str], str | None] = lambda _: None
    accounts: Accounts | None = None
    keys: KeyDigests | None = None
    second_factors: SecondFactors | None = None
    provider: ProviderLogins | None = None
    own_records: OwnRecords | None = None
    confirmations: Confirmations | None = None
    more: Sequence[APIRouter] = ()
