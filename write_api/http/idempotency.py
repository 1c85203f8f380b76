"""Answers to requests with an Idempotency-Key, for those who ask again."""

from asyncio import Task, create_task, shield
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cachetools import FIFOCache
from fastapi import Response

from commands.idempotency import CommandIdReused

Key = tuple[str, frozenset[str], str]
"""Whose key it is, as what, and the key: the keys of two callers never meet, and who lost a role asks anew."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer, given already or on its way, and the request that it answers."""

    fingerprint: str
    answer: Task[Response]


@dataclass(slots=True)
class Answers:
    """A convenience within one process: what makes a repeat safe is the log (docs/adr/0009).

    Repeats that come while the first is on its way share its answer, whatever it is. Afterwards only successes are
    kept: a refused request changed nothing, so it may be put right under the same key.
    """

    most: int
    _under_way: dict[Key, Given] = field(default_factory=dict)
    _given: FIFOCache[Key, Given] = field(init=False)

    def __post_init__(self) -> None:
        self._given = FIFOCache(self.most)

    async def once(
        self, key: Key, fingerprint: str, carry_out: Callable[[], Coroutine[Any, Any, Response]]
    ) -> Response:
        """The answer to the request, carried out unless it was before. Raises CommandIdReused."""
        if (given := self._under_way.get(key) or self._given.get(key)) is None:
            given = self._under_way[key] = Given(fingerprint, create_task(carry_out()))
            given.answer.add_done_callback(partial(self._settle, key, given))
        elif given.fingerprint != fingerprint:
            raise CommandIdReused
        response = await shield(given.answer)
        return Response(response.body, response.status_code, dict(response.headers))

    def _settle(self, key: Key, given: Given, task: Task[Response]) -> None:
        failed = task.cancelled() or task.exception() is not None or task.result().status_code >= 300
        del self._under_way[key]
        if not failed:
            self._given[key] = given
