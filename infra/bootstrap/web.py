"""The pages on everything they need."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from time import time
from uuid import uuid4

import structlog

from commands.ports import StoreUnavailable
from domain.shared.money import Money
from infra.bootstrap import composition
from infra.bootstrap.local_stack import is_loopback
from infra.bootstrap.parts import Ready, again_and_again
from infra.eventstore.factory import utc_now
from infra.http.callers import TrustedProxies
from infra.http.health import Health
from infra.http.load_shedding import LoadShedding, Room
from infra.postgres.lease import lease
from infra.security.services import web_token
from infra.settings import Settings
from infra.web.apis import HttpApi, http_api
from infra.web.changes import changes_at
from infra.web.filling import PostgresFilling
from infra.web.jobs import PostgresJobs, key_of
from infra.web.sessions import PostgresSessions
from web.app import create_app
from web.jobs import carry_out_jobs
from web.ports import Api, ApiUnreachable, JobsUnavailable, Ports, SessionsUnavailable, Shop, StripeForm
from web.texts.markets import Market, declared_markets, only_market

SECRET_BYTES = 32
CLEAN_EVERY = 3600.0
JOBS = "web jobs"

log = structlog.get_logger()


@asynccontextmanager
async def web_side(settings: Settings) -> AsyncIterator[LoadShedding]:
    """The pages, with as many requests inside as they can serve."""
    async with (
        composition.sessions_of(settings, "web") as connections,
        http_api(composition.read_url(settings), service := web_token(composition.tokens(settings))) as read,
        http_api(composition.write_url(settings), service) as write,
        changes_at(composition.read_url(settings), service) as changes,
    ):
        sessions = PostgresSessions(connections)
        await sessions.prepare()
        jobs = PostgresJobs(connections, key_of(composition.secret_of(settings.token_secret).encode()))
        await jobs.prepare()
        filling = PostgresFilling(connections)
        await filling.prepare()
        shop = _shop(settings)
        if not shop.is_secure and not is_loopback(settings.host):
            log.warning("cookies need TLS", advice="Set COUNTERFOIL_SHOP_ADDRESS to the https address of the shop.")
        ports = Ports(
            read=read,
            write=write,
            sessions=sessions,
            jobs=jobs,
            filling=filling.look,
            changes=changes,
            health=Health({"read API": _lives(read), "write API": _lives(write)}),
            clock=utc_now,
            new_secret=lambda: secrets.token_urlsafe(SECRET_BYTES),
            new_key=lambda: str(uuid4()),
            shop=shop,
        )
        beside = [
            asyncio.create_task(_remove_ended(sessions, jobs)),
            asyncio.create_task(carry_out_stored_jobs(composition.database_of(settings), jobs, write)),
        ]
        try:
            yield LoadShedding(create_app(ports), Room(), proxies=TrustedProxies.at(settings.trusted_proxies))
        finally:
            for task in beside:
                task.cancel()
            await asyncio.wait(beside)


def _shop(settings: Settings) -> Shop:
    return Shop(
        address=composition.shop_url(settings),
        name=settings.shop_name,
        locale=settings.locale,
        currency=settings.currency,
        markets=_markets(settings),
        time_zone=settings.time_zone,
        staff_provider=settings.oidc_name if settings.oidc_issuer else "",
        staff_provider_only=settings.oidc_only,
        test_gateway=bool(settings.test_gateway),
        stripe=_stripe_form(settings),
    )


def _stripe_form(settings: Settings) -> StripeForm | None:
    """What the pages need for Stripe's card form."""
    if settings.stripe_publishable_key is None:
        return None
    from infra.payments.stripe.amounts import to_stripe

    hundred = Money(100, settings.currency)
    return StripeForm(key=settings.stripe_publishable_key, scale=to_stripe(hundred) / hundred.amount)


def _markets(settings: Settings) -> Sequence[Market]:
    if settings.markets is None:
        return (only_market(settings.locale, settings.currency),)
    return declared_markets(settings.markets)


def _lives(api: HttpApi) -> Callable[[], Awaitable[None]]:
    async def look() -> None:
        try:
            await api.send("GET", "/health/live")
        except ApiUnreachable as error:
            raise StoreUnavailable(str(error)) from error

    return look


async def carry_out_stored_jobs(database: str, jobs: PostgresJobs, write: Api) -> None:
    """One web process at a time carries out the jobs of all; another one goes on when it dies."""

    async def work(up: Ready) -> None:
        up()
        async with lease(database, JOBS) as fence:
            try:
                await carry_out_jobs(jobs.under(fence), write, time)
            except JobsUnavailable as error:
                raise StoreUnavailable(str(error)) from error

    await again_and_again(work)


async def _remove_ended(sessions: PostgresSessions, jobs: PostgresJobs) -> None:
    while True:
        await asyncio.sleep(CLEAN_EVERY)
        with suppress(SessionsUnavailable, JobsUnavailable):
            await sessions.remove_ended()
            await jobs.remove_old()
