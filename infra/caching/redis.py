"""Answers and limits that all processes of a shop share, in Redis. Redis away: nothing is remembered, all goes on."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import msgspec
from redis.asyncio import Redis

from infra.caching.answers import Answer
from infra.caching.breaker import Breaker
from infra.http.rate_limits import Limiter, LocalLimiter, Rate

CLAIMED, LOOKS = 0.5, 40
"""Seconds that an answer may take before others make it too, and how often they look meanwhile whether it is there."""

# Only our own claim: it may have run out, and be another's now.
UNCLAIM = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"

_DECODER = msgspec.msgpack.Decoder(Answer)
_ENCODER = msgspec.msgpack.Encoder()

# Generic cell rate algorithm: the time until which a caller has used up what is theirs moves on with each request.
ADMIT = """
local now = redis.call('TIME')
local at = tonumber(now[1]) + tonumber(now[2]) / 1000000
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local used = math.max(tonumber(redis.call('GET', KEYS[1]) or at), at)
local wait = used - at - interval * (burst - 1)
if wait > 0 then return tostring(wait) end
redis.call('SET', KEYS[1], string.format('%.6f', used + interval), 'PX', math.ceil((used + interval - at) * 1000) + 1)
return '0'
"""


@dataclass(slots=True)
class RedisAnswers:
    """Implements Answers. `namespace` distinguishes the shops on one server."""

    redis: Redis
    namespace: str
    breaker: Breaker = field(default_factory=lambda: Breaker("answers"))

    async def get(self, key: str, since: int = 0) -> Answer | None:
        found: Any = await self.breaker.call(lambda: self.redis.get(self._name(key)), None)
        try:
            answer = None if found is None else _DECODER.decode(found)
        except msgspec.MsgspecError:
            return None  # another version of us wrote it
        return answer if answer is not None and answer.position >= since else None

    async def put(self, key: str, answer: Answer, seconds: float) -> None:
        lifetime = max(1, round(seconds * 1000))
        await self.breaker.call(lambda: self.redis.set(self._name(key), _ENCODER.encode(answer), px=lifetime), None)

    def _name(self, key: str) -> str:
        return f"{self.namespace}:answer:{key}"


@dataclass(slots=True)
class RedisSingleFlight:
    """Implements Makers. A process that died while it made an answer holds the others up for CLAIMED at most."""

    redis: Redis
    namespace: str
    breaker: Breaker = field(default_factory=lambda: Breaker("makers"))
    _us: str = field(default_factory=lambda: uuid4().hex)

    async def claim(self, key: str) -> bool:
        name, lifetime = self._name(key), round(CLAIMED * 1000)
        taken: Any = await self.breaker.call(lambda: self.redis.set(name, self._us, nx=True, px=lifetime), True)
        return taken is not None

    async def done(self, key: str) -> None:
        await self.breaker.call(lambda: self.redis.eval(UNCLAIM, 1, self._name(key), self._us), None)

    async def wait(self, key: str) -> None:
        for _ in range(LOOKS):
            if not await self.breaker.call(lambda: self.redis.exists(self._name(key)), 0):
                return
            await asyncio.sleep(CLAIMED / LOOKS)

    def _name(self, key: str) -> str:
        return f"{self.namespace}:making:{key}"


@dataclass(slots=True)
class RedisLimiter:
    """Implements Limiter. While Redis is away each process counts for itself."""

    redis: Redis
    namespace: str
    rate: Rate
    breaker: Breaker = field(default_factory=lambda: Breaker("limits"))
    alone: Limiter = field(init=False)

    def __post_init__(self) -> None:
        self.alone = LocalLimiter(self.rate)

    async def wait(self, caller: str) -> float:
        name = f"{self.namespace}:limit:{caller}"
        words = (ADMIT, 1, name, str(1 / self.rate.per_second), str(self.rate.burst))
        answer = await self.breaker.call(lambda: self.redis.eval(*words), None)
        return await self.alone.wait(caller) if answer is None else float(answer)
