"""The read API on everything it needs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp

import read_api.app
import read_api.ports
from commands.ports import EventStore
from infra.audit.history import LogHistory, OpeningVault
from infra.bootstrap import composition, vault
from infra.bootstrap.delivery import delivery
from infra.bootstrap.folds import FOLDS, PROCESS_TABLES
from infra.bootstrap.session_state import session_state
from infra.bootstrap.staff import staff_access
from infra.clock.timekeeping import shop_clock
from infra.http.callers import TrustedProxies
from infra.http.health import Health
from infra.http.load_shedding import LoadShedding, Room
from infra.identity.api_keys import PostgresApiKeys
from infra.projections.active import ActiveBuilds
from infra.security.order_links import SignedOrderLinks
from infra.security.services import web_tokens
from infra.settings import Settings
from infra.telemetry import observing
from projections.registry import PROJECTIONS
from read_api.graphql.accounts import Share
from read_api.graphql.turns import ELSEWHERE, EnginesTurns, Turns

IN_HAND = 25
"""Seconds' worth of its share that a caller may use at once."""


@asynccontextmanager
async def read_side(settings: Settings) -> AsyncIterator[LoadShedding]:
    """The read API on everything it needs, with as many inside as it can serve."""
    async with (
        composition.event_store(settings) as store,
        composition.sessions_of(settings, "read side") as sessions,
        shop_clock(sessions, at_its_word=settings.take_clock) as clock,
        ActiveBuilds(
            composition.database_of(settings), projections=PROJECTIONS, slow_within=settings.search_timeout
        ) as models,
        observing.standing((history := LogHistory(store, composition.codec(), models)).standing),
        _search(settings) as search,
        session_state(settings, sessions, clock) as state,
        staff_access(store, sessions, clock) as staff,
    ):
        ports = read_api.ports.Ports(
            models=models,
            history=history,
            tokens=composition.tokens(settings, state, staff),
            vault=OpeningVault(await vault.vault_of(settings, sessions)),
            clock=clock,
            key_uses=PostgresApiKeys(sessions),
            order_links=SignedOrderLinks(composition.secret_of(settings.token_secret).encode()),
            delivery=delivery(settings),
            health=Health({"read models": models.builds, "event store": store.head}),
            search=search,
            searches_elsewhere=settings.opensearch is not None,
            warehouses=settings.warehouses,
            folds=FOLDS,
            process_tables=PROCESS_TABLES,
        )
        room = Room(
            at_once=settings.at_once,
            waiting=settings.waiting,
            sockets=settings.sockets,
            sockets_each=settings.sockets_each,
        )
        app = read_api.app.create_app(ports, _turns(settings))
        proxies = TrustedProxies.at(settings.trusted_proxies, web_tokens(ports.tokens))
        async with _surrounded(settings, app, ports, store, proxies) as surrounded:
            yield LoadShedding(surrounded, room, proxies=proxies)


def _turns(settings: Settings) -> EnginesTurns:
    share = Share(at_once=IN_HAND * settings.search_share, a_second=settings.search_share)
    return EnginesTurns(Turns(share), Turns(share, ELSEWHERE))


@asynccontextmanager
async def _surrounded(
    settings: Settings, app: ASGIApp, ports: read_api.ports.Ports, store: EventStore, proxies: TrustedProxies
) -> AsyncIterator[ASGIApp]:
    """Without a cache and limits their modules are not imported, which saves a tenth of the time of the start."""
    if settings.redis is None and not settings.remember and settings.rate_limit is None:
        yield app
        return
    from infra.bootstrap.caching import limited, remembering

    async with (
        remembering(settings, app, ports.models, store, composition.codec()) as remembered,
        limited(settings, remembered, lambda token: ports.tokens.verify(token).subject, proxies) as surrounded,
    ):
        yield surrounded


@asynccontextmanager
async def _search(settings: Settings) -> AsyncIterator[read_api.ports.Search]:
    if settings.opensearch is None:
        yield read_api.ports.in_postgres
        return
    from infra.opensearch.factory import search

    async with search(settings.opensearch, settings.opensearch_prefix) as engine:
        yield engine
