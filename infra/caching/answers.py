"""Where answers are remembered."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

import msgspec

MOST = 2_000


class Answer(msgspec.Struct, frozen=True):
    """A whole HTTP response, and how far the read models were when it was made."""

    position: int
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Answers(Protocol):
    """Remembers answers for a while. Forgetting is always allowed, failing never."""

    async def get(self, key: str) -> Answer | None: ...

    async def put(self, key: str, answer: Answer, seconds: float) -> None: ...


@dataclass(slots=True)
class LocalAnswers:
    """In this process; the least lately used goes first."""

    most: int = MOST
    clock: Callable[[], float] = monotonic
    _kept: "OrderedDict[str, tuple[float, Answer]]" = field(default_factory=OrderedDict)

    async def get(self, key: str) -> Answer | None:
        if (found := self._kept.get(key)) is None:
            return None
        until, answer = found
        if self.clock() >= until:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return answer

    async def put(self, key: str, answer: Answer, seconds: float) -> None:
        self._kept[key] = (self.clock() + seconds, answer)
        self._kept.move_to_end(key)
        while len(self._kept) > self.most:
            self._kept.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Layered:
    """What is near is asked first; what is found far away is kept near, for a moment."""

    near: Answers
    far: Answers
    moment: float = 1.0

    async def get(self, key: str) -> Answer | None:
        if (answer := await self.near.get(key)) is not None:
            return answer
        if (answer := await self.far.get(key)) is not None:
            await self.near.put(key, answer, self.moment)
        return answer

    async def put(self, key: str, answer: Answer, seconds: float) -> None:
        await self.near.put(key, answer, seconds)
        await self.far.put(key, answer, seconds)
