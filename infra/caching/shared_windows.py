"""Limits on logins and mails that all processes of a shop share, in Redis; stricter while Redis is away."""

from dataclasses import dataclass, field
from math import ceil

from redis.asyncio import Redis

from infra.caching.breaker import Breaker
from infra.identity.attempts import Limit, LocalWindows, Windows

MOST_NAMES = 1_000_000
"""Of one limit in one window. A name takes about 150 bytes of Redis, and none stays longer than its window."""

AWAY_SHARE = 0.4
"""Of each limit in one process while Redis is away: all processes count anew then, each for itself."""

FULL = -1.0

# Answers the seconds until the window is over, 0 if the attempt was counted, -1 if there are too many names.
COUNT = """
local so_far = tonumber(redis.call('GET', KEYS[1]) or '0')
if so_far >= tonumber(ARGV[1]) then return tostring(math.max(redis.call('PTTL', KEYS[1]), 1) / 1000) end
if so_far == 0 and redis.call('EXISTS', KEYS[1]) == 0 then
    if tonumber(redis.call('GET', KEYS[2]) or '0') >= tonumber(ARGV[3]) then return '-1' end
    if redis.call('INCR', KEYS[2]) == 1 then redis.call('PEXPIRE', KEYS[2], ARGV[2]) end
    redis.call('SET', KEYS[1], 1, 'PX', ARGV[2])
else
    redis.call('INCR', KEYS[1])
end
return '0'
"""
TAKE_BACK = """
if ARGV[1] == 'all' then return redis.call('DEL', KEYS[1]) end
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then return redis.call('DECR', KEYS[1]) end
return 0
"""


@dataclass(slots=True)
class RedisWindows:
    """Implements Windows. Names beyond the most that Redis keeps are counted by this process."""

    redis: Redis
    namespace: str
    most_names: int = MOST_NAMES
    breaker: Breaker = field(default_factory=lambda: Breaker("login limits"))
    alone: Windows = field(default_factory=lambda: LocalWindows(share=AWAY_SHARE))

    async def count(self, limit: Limit, name: str) -> float:
        keys = (self._key(limit, name), f"{self.namespace}:names:{limit.name}")
        words = (COUNT, 2, *keys, str(limit.most), str(ceil(limit.seconds * 1000)), str(self.most_names))
        answer = await self.breaker.call(lambda: self.redis.eval(*words), None)
        wait = None if answer is None else float(answer)
        return await self.alone.count(limit, name) if wait is None or wait == FULL else wait

    async def take_back(self, limit: Limit, name: str, *, all_of_it: bool = False) -> None:
        await self.alone.take_back(limit, name, all_of_it=all_of_it)
        words = (TAKE_BACK, 1, self._key(limit, name), "all" if all_of_it else "one")
        await self.breaker.call(lambda: self.redis.eval(*words), None)

    def _key(self, limit: Limit, name: str) -> str:
        return f"{self.namespace}:attempts:{limit.name}:{name}"
