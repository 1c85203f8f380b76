"""What stands around the APIs: limits for those who ask often, answers for those who ask the same."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from hashlib import sha256

from redis.asyncio import Redis
from starlette.types import ASGIApp

from commands.ports import Codec, EventStore
from infra.caching.answers import MEBIBYTE, Answers, Layered, LocalAnswers
from infra.caching.breaker import redis_at
from infra.caching.catalogue_version import catalogue_version
from infra.caching.redis import RedisAnswers, RedisLimiter, RedisSingleFlight
from infra.caching.response_cache import ResponseCache
from infra.caching.single_flight import NoSingleFlight, SingleFlight
from infra.http.callers import TrustedProxies
from infra.http.rate_limiting import Limiting
from infra.http.rate_limits import Limiter, LocalLimiter, Rate
from infra.settings import Settings
from read_api.ports import ReadModels

MODELS = ("category_tree", "product_catalogue", "search", "stock_levels")
"""The read models that public questions are answered from."""

BESIDE_REDIS = 32
"""Mebibytes of answers that a process keeps itself by default."""

BURST = 2.0
"""Seconds' worth of requests that a caller may send at once."""


@asynccontextmanager
async def limited(
    settings: Settings, app: ASGIApp, subject_of: Callable[[str], str], proxies: TrustedProxies
) -> AsyncIterator[ASGIApp]:
    """The application, if there is a limit with that around it."""
    if settings.rate_limit is None:
        yield app
        return
    rates = [_rate(settings.rate_limit), _rate(settings.address_rate_limit or settings.rate_limit)]
    async with AsyncExitStack() as stack:
        limiters: list[Limiter] = [LocalLimiter(rate) for rate in rates]
        if settings.redis is not None:
            redis = await stack.enter_async_context(redis_of(settings.redis))
            limiters = [RedisLimiter(redis, namespace_of(settings), rate) for rate in rates]
        subjects, addresses = limiters
        yield Limiting(app, subjects, addresses, subject_of, proxies.caller)


def _rate(per_second: float) -> Rate:
    return Rate(per_second, max(1, round(BURST * per_second)))


@asynccontextmanager
async def remembering(
    settings: Settings, app: ASGIApp, models: ReadModels, store: EventStore, codec: Codec
) -> AsyncIterator[ASGIApp]:
    """The read API, with its answers remembered where that is set. Raises StoreUnavailable."""
    if settings.redis is None and not settings.remember:
        yield app
        return
    near = LocalAnswers((BESIDE_REDIS if settings.remember is None else settings.remember) * MEBIBYTE)
    async with AsyncExitStack() as stack:
        answers: Answers = near
        makers: SingleFlight = NoSingleFlight()
        if settings.redis is not None:
            redis = await stack.enter_async_context(redis_of(settings.redis))
            answers = Layered(near=near, far=RedisAnswers(redis, namespace_of(settings)))
            makers = RedisSingleFlight(redis, namespace_of(settings))
        changes = await stack.enter_async_context(catalogue_version(store, codec))
        yield ResponseCache(app, answers, changes, lambda: min(models.reached(MODELS).values()), makers)


@asynccontextmanager
async def redis_of(url: str) -> AsyncIterator[Redis]:
    redis = redis_at(url)
    try:
        yield redis
    finally:
        await redis.aclose()


def namespace_of(settings: Settings) -> str:
    """Of this shop: positions of two logs must never be compared."""
    return f"counterfoil:{sha256((settings.event_store or settings.database or '').encode()).hexdigest()[:12]}"
