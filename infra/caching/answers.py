"""Where answers are remembered."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

import msgspec

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


@dataclass(slots=True)
class LocalAnswers:
    """In this process, at most so many bytes; the least lately used goes first."""

    most: int = 32 * MEBIBYTE
    clock: Callable[[], float] = monotonic
    _kept: "OrderedDict[str, tuple[float, Answer]]" = field(default_factory=OrderedDict)
    _bytes: int = 0

    async def get(self, key: str, since: int = 0) -> Answer | None:
        if (found := self._kept.get(key)) is None:
            return None
        until, answer = found
        if self.clock() >= until or answer.position < since:
            self._forget(key)
            return None
        self._kept.move_to_end(key)
        return answer

    async def put(self, key: str, answer: Answer, seconds: float) -> None:
        self._forget(key)
        self._kept[key] = (self.clock() + seconds, answer)
        self._bytes += _size(answer)
        while self._bytes > self.most:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: str) -> None:
        if (found := self._kept.pop(key, None)) is not None:
            self._bytes -= _size(found[1])


def _size(answer: Answer) -> int:
    return len(answer.body) + OVERHEAD


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
