"""Where answers are remembered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import NamedTuple, Protocol

import msgspec
from cachetools import TLRUCache

MEBIBYTE = 2**20
OVERHEAD = 1_024
"""Bytes that an answer takes beside its body, roughly."""


class Answer(msgspec.Struct, frozen=True):
    """A whole HTTP response, and how far the read models were when it was made."""

    position: int
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Answers(Protocol):
    """Remembers answers for a while. Forgetting is always allowed, failing never."""

    async def get(self, key: str, since: int = 0) -> Answer | None:
        """The answer, if the read models had come to `since` when it was made."""

    async def put(self, key: str, answer: Answer, seconds: float) -> None: ...


class Kept(NamedTuple):
    """An answer, and for how long it is good."""

    answer: Answer
    seconds: float


def _size(kept: Kept) -> int:
    return len(kept.answer.body) + OVERHEAD


@dataclass(slots=True)
class LocalAnswers:
    """In this process, at most so many bytes; the least lately used goes first."""

    most: int = 32 * MEBIBYTE
    clock: Callable[[], float] = monotonic
    _kept: TLRUCache[str, Kept] = field(init=False)

    def __post_init__(self) -> None:
        self._kept = TLRUCache(
            self.most, ttu=lambda _, kept, now: now + kept.seconds, timer=self.clock, getsizeof=_size
        )

    async def get(self, key: str, since: int = 0) -> Answer | None:
        if (kept := self._kept.get(key)) is None:
            return None
        if kept.answer.position < since:
            self._kept.pop(key, None)
            return None
        return kept.answer

    async def put(self, key: str, answer: Answer, seconds: float) -> None:
        kept = Kept(answer, seconds)
        if _size(kept) <= self.most:
            self._kept[key] = kept


@dataclass(frozen=True, slots=True)
class Layered:
    """What is near is asked first; what is found far away is kept near, for a moment."""

    near: Answers
    far: Answers
    moment: float = 1.0

    async def get(self, key: str, since: int = 0) -> Answer | None:
        if (answer := await self.near.get(key, since)) is not None:
            return answer
        if (answer := await self.far.get(key, since)) is not None:
            await self.near.put(key, answer, self.moment)
        return answer

    async def put(self, key: str, answer: Answer, seconds: float) -> None:
        await self.near.put(key, answer, seconds)
        await self.far.put(key, answer, seconds)
