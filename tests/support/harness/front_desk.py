"""The write API over a store in memory, and people who use it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from commands.handler import CommandHandler
from commands.routes import ROUTES
from domain.cart.delivery import DeliveryMethod, DeliveryOptions
from domain.publication.commands import RequestPublication
from domain.shared.ids import Warehouse
from domain.shared.personal import Sealed
from infra.bootstrap.composition import codec
from infra.http.health import Health
from infra.payments.webhooks import read_webhook
from infra.projections.rebuilding import RebuildUnderWay, UnknownReadModel
from infra.security.tokens import Tokens
from process_managers.engine import parking
from process_managers.engine.parking import ResendInput, ResendParked, SkipInput, SkipParked
from projections.registry import PROJECTIONS
from tests.support.builders.for_sale import NOON, usd
from tests.support.fixtures.memory import MemorySnapshots, MemoryStore
from tests.support.fixtures.no_accounts import NoSecondFactors, no_accounts
from write_api.app import create_app
from write_api.http.express import LANES, Lane
from write_api.ports import Ports, Rules

TOKENS = Tokens(b"a secret that only the tests of the write API know")
WEBHOOK_SECRET = b"the secret of the gateway"
RULES = Rules(
    currency="USD",
    delivery=DeliveryOptions(
        methods={
            "standard": DeliveryMethod(price=usd(499)),
            "express": DeliveryMethod(price=usd(999)),
            "pickup": DeliveryMethod(price=usd(0), to_address=False),
        },
        warehouses=(Warehouse("MAIN"), Warehouse("WEST")),
    ),
)


@dataclass(slots=True)
class OpenVault:
    """Seals nothing: what is kept can be looked at."""

    kept: list[tuple[str, bytes]] = field(default_factory=list)

    async def seal(self, subject: str, value: bytes) -> Sealed:
        self.kept.append((subject, value))
        return Sealed(subject=subject, ciphertext=f"sealed-{len(self.kept)}")

    async def open(self, sealed: Sealed) -> bytes | None:
        by_place = {f"sealed-{number}": value for number, (_, value) in enumerate(self.kept, start=1)}
        return by_place.get(sealed.ciphertext)

    async def has_key(self, subject: str) -> bool:
        return any(kept_for == subject for kept_for, _ in self.kept)

    async def forget(self, subject: str) -> None:
        self.kept = [(kept_for, value) for kept_for, value in self.kept if kept_for != subject]


@dataclass(slots=True)
class CountedRebuilds:
    """Read models that are made anew at once; `busy` are being made."""

    begun: list[tuple[str, UUID]] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)

    async def check(self, name: str, request: UUID) -> None:
        if name in self.busy and (name, request) not in self.begun:
            raise RebuildUnderWay(f"{name} is being made.")
        if name not in {projection.name for projection in PROJECTIONS}:
            raise UnknownReadModel(f"No read model is called {name!r}.")

    async def rebuild(self, name: str, request: UUID) -> None:
        self.begun.append((name, request))
        self.busy.add(name)


@dataclass(slots=True)
class WaitingLetters:
    """Dead letters that the publisher has reported."""

    letters: dict[UUID, RequestPublication] = field(default_factory=dict)

    async def find(self, event_id: UUID) -> RequestPublication | None:
        return self.letters.get(event_id)


@dataclass(slots=True)
class Desk:
    """An application and what is behind it."""

    app: FastAPI
    store: MemoryStore
    handler: CommandHandler
    vault: OpenVault
    read_models: CountedRebuilds
    dead_letters: WaitingLetters

    def client(self, subject: str | None, *roles: str) -> httpx.AsyncClient:
        """Somebody with a token for these roles, or without any token."""
        token = None if subject is None else TOKENS.issue(subject, roles, timedelta(hours=1))
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://shop", headers=headers)

    @property
    def stored(self) -> list[tuple[str, str]]:
        return [(record.stream, record.type) for record in self.store.log]


def desk(store: MemoryStore | None = None, rules: Rules = RULES, lanes: Sequence[Lane] = LANES) -> Desk:
    """An application of its own, over a store that may be shared."""
    store = store or MemoryStore()
    routes = {**ROUTES, **parking.ROUTES}
    handler = CommandHandler(store, codec(), MemorySnapshots(), routes)
    vault = OpenVault()
    read_models, dead_letters = CountedRebuilds(), WaitingLetters()
    numbers = count(len(store.log) + 1)

    def clock() -> datetime:
        return NOON

    def read(body: bytes, signature: str) -> tuple[UUID, object]:
        return read_webhook(body, signature, clock(), WEBHOOK_SECRET)

    def new_id() -> UUID:
        return UUID(int=(0x7 << 76) | (0x8 << 60) | next(numbers))

    ports = Ports(
        handler=handler,
        vault=vault,
        tokens=TOKENS,
        webhooks=read,
        clock=clock,
        new_id=new_id,
        accounts=no_accounts(handler, vault, clock, new_id),
        second_factors=NoSecondFactors(),
        resend=lambda command_id: ResendParked(command_id=command_id),
        resend_input=lambda entry_id: ResendInput(entry_id=entry_id),
        skip=lambda command_id, reason: SkipParked(command_id=command_id, reason=reason),
        skip_input=lambda entry_id, reason: SkipInput(entry_id=entry_id, reason=reason),
        read_models=read_models,
        dead_letters=dead_letters,
        rules=rules,
        health=Health({"event store": store.head}, kept=0.0),
    )
    return Desk(create_app(ports, lanes), store, handler, vault, read_models, dead_letters)


async def said(response: httpx.Response, status: int) -> Any:
    """The body of an answer that has the status."""
    assert response.status_code == status, response.text
    return response.json()


def problem(response: httpx.Response) -> Mapping[str, Any]:
    """The problem document of an answer."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    document: dict[str, Any] = response.json()
    assert document["status"] == response.status_code
    return document
