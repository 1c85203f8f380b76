"""Wait for what happens to many orders, with one question for all of them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from infra.demo.client import ShopClient, ShopRefused

LOOK_EVERY = 0.2
AT_ONCE = 25
"""The read API allows thirty aliases in a question."""

SUBJECT, ROLE = "demo", "back_office"
_SEEN = "rejection order { status shipments { shipmentId status } }"
_IDS = ", ".join(f"$id{n}: ID!" for n in range(AT_ONCE))
_CHECKOUTS = " ".join(f"c{n}: checkout(id: $id{n}) {{ {_SEEN} }}" for n in range(AT_ONCE))
QUESTION = f"query Watch({_IDS}) {{ {_CHECKOUTS} }}"

Checkout = dict[str, Any]


@dataclass(slots=True, eq=False)
class _Wait:
    checkout_id: str
    over: Callable[[Checkout], bool]
    answer: asyncio.Future[Checkout]


@dataclass(slots=True)
class Watch:
    """Looks at everything that is waited for, again and again."""

    shop: ShopClient
    _waits: set[_Wait] = field(default_factory=set)

    async def until(self, checkout_id: str, over: Callable[[Checkout], bool]) -> Checkout:
        """The checkout as soon as it is so. Raises ShopRefused when it was rejected."""
        wait = _Wait(checkout_id, over, asyncio.get_running_loop().create_future())
        self._waits.add(wait)
        try:
            return await wait.answer
        finally:
            self._waits.discard(wait)

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        """Look as long as the block runs."""
        looks = asyncio.create_task(self._look_again_and_again())
        try:
            yield
        finally:
            looks.cancel()
            await asyncio.wait([looks])

    async def _look_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                for some in _chunks(list(self._waits)):
                    await self._look(some)
            except ShopRefused as error:
                for wait in self._waits:
                    if not wait.answer.done():
                        wait.answer.set_exception(error)

    async def _look(self, waits: Sequence[_Wait]) -> None:
        ids = [wait.checkout_id for wait in waits] + [waits[-1].checkout_id] * (AT_ONCE - len(waits))
        asked = {f"id{n}": checkout_id for n, checkout_id in enumerate(ids)}
        answer = await self.shop.ask(QUESTION, subject=SUBJECT, role=ROLE, **asked)
        for n, wait in enumerate(waits):
            checkout = answer[f"c{n}"]
            if checkout is None or wait.answer.done():
                continue
            if checkout["rejection"] is not None:
                wait.answer.set_exception(ShopRefused(f"Checkout {wait.checkout_id}: {checkout['rejection']}"))
            elif wait.over(checkout):
                wait.answer.set_result(checkout)


def _chunks(waits: Sequence[_Wait]) -> Iterator[Sequence[_Wait]]:
    for start in range(0, len(waits), AT_ONCE):
        yield waits[start : start + AT_ONCE]
