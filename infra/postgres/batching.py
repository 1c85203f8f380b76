"""Joins concurrent calls into batches: what comes while one batch is under way makes up the next one."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar, cast

from commands.ports import StoreUnavailable

Q = TypeVar("Q")
A = TypeVar("A")


class _Call(NamedTuple, Generic[Q, A]):
    question: Q
    answer: "asyncio.Future[A]"
    since: float


@dataclass(slots=True, eq=False)
class Batcher(Generic[Q, A]):
    """One call each for many callers, one batch for the outside.

    `carry_out` answers every question of a batch, with an exception where only that question fails. StoreUnavailable
    fails them all; whatever else it raises may be the fault of one, so each is carried out alone. At most `at_once`
    batches are under way, each of at most `most` questions. A call that finds `waiting` others in the queue, or is
    still there after `patience` seconds, is StoreUnavailable. What a batch may take is the business of `carry_out`.
    """

    carry_out: Callable[[Sequence[Q]], Awaitable[Sequence[A | Exception]]]
    at_once: int
    most: int
    waiting: int
    patience: float
    _queue: deque[_Call[Q, A]] = field(default_factory=deque)
    _batches: set["asyncio.Task[None]"] = field(default_factory=set)

    async def __call__(self, question: Q) -> A:
        if len(self._queue) >= self.waiting:
            raise StoreUnavailable(f"{len(self._queue)} others wait for the event store already.")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[A] = loop.create_future()
        self._queue.append(_Call(question, answer, loop.time()))
        if len(self._batches) < self.at_once:
            self._batches.add(asyncio.create_task(self._work()))
        return await answer

    async def close(self) -> None:
        """Wait until everything that was asked is answered."""
        while self._batches:
            await asyncio.wait(self._batches)

    async def _work(self) -> None:
        try:
            while batch := self._next():
                await self._carry_out(batch)
        finally:
            # Not by a done callback: a call between the last look into the queue and the callback would wait in vain.
            self._batches.remove(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _carry_out(self, batch: Sequence[_Call[Q, A]]) -> None:
        for call, answer in zip(batch, await self._answers([call.question for call in batch]), strict=True):
            if call.answer.done():
                continue
            if isinstance(answer, Exception):
                call.answer.set_exception(answer)
            else:
                call.answer.set_result(answer)

    async def _answers(self, questions: Sequence[Q]) -> Sequence[A | Exception]:
        try:
            return await self.carry_out(questions)
        except Exception as error:
            if isinstance(error, StoreUnavailable) or len(questions) == 1:
                return [_unavailable(error) for _ in questions]
            return [answer for question in questions for answer in await self._answers([question])]

    def _next(self) -> list[_Call[Q, A]]:
        batch, began = list[_Call[Q, A]](), asyncio.get_running_loop().time() - self.patience
        while self._queue and len(batch) < self.most:
            call = self._queue.popleft()
            if call.answer.done():
                continue
            if call.since < began:
                call.answer.set_exception(StoreUnavailable(f"The event store was busy for {self.patience:g} s."))
            else:
                batch.append(call)
        return batch


def _unavailable(error: Exception) -> StoreUnavailable:
    # One for each caller: an exception that is raised twice mixes up its tracebacks.
    mine = StoreUnavailable(str(error))
    mine.__cause__ = error
    return mine
