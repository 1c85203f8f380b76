"""Members of staff who use the APIs of a shop."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import httpx

from infra.settings import Settings
from tests.support.harness.accounts import PASSWORD, TOKEN, Shop, bearer, shop_with_accounts, token_in
from tests.support.harness.front_desk import said

WITHIN = 3.0
"""Seconds in which a change of permissions has to act on every process."""


@dataclass(slots=True)
class StaffShop:
    """The APIs, and the logins of members by name."""

    shop: Shop
    logins: dict[str, Any] = field(default_factory=dict)

    async def join(self, link: str, name: str) -> Any:
        """Follow a link and choose a password."""
        found = TOKEN.search(link)
        assert found is not None
        self.logins[name] = await self.shop.post("/staff/join", 201, token=found[1], password=PASSWORD)
        return self.logins[name]

    async def invited(self, email: str, name: str, *roles: str) -> str:
        """A member whom ada invited, and who has joined. Answers the subject."""
        answer = await self.send("ada", "POST", "/staff", 201, email=email, roles=list(roles))
        (letter,) = await self.shop.mails()
        await self.join(link_in(letter), name)
        subject: str = answer["subject"]
        return subject

    async def ask(
        self, who: str | dict[str, str], method: str, path: str, process: int = 0, **body: Any
    ) -> httpx.Response:
        """`who` is a name, or the headers to send. As clients do, ask again while it is not known who they are."""
        headers = bearer(self.logins[who]) if isinstance(who, str) else who
        until = time.monotonic() + WITHIN
        while True:
            answer = await self.shop.clients[process].request(method, path, json=body, headers=headers)
            if answer.status_code != 503 or time.monotonic() > until:
                return answer
            await asyncio.sleep(0.05)

    async def send(self, who: str | dict[str, str], method: str, path: str, status: int, **body: Any) -> Any:
        return await said(await self.ask(who, method, path, **body), status)

    async def soon(self, look: Callable[[int], Awaitable[bool]]) -> None:
        """It holds in every process within the time that is promised."""
        until = time.monotonic() + WITHIN
        for process in range(len(self.shop.clients)):
            while not await look(process):
                assert time.monotonic() < until, "it takes too long"
                await asyncio.sleep(0.05)


def link_in(letter: EmailMessage) -> str:
    return f"token={token_in(letter)}"


@asynccontextmanager
async def staff_shop(settings: Settings, processes: int = 2) -> AsyncIterator[StaffShop]:
    async with shop_with_accounts(settings, processes) as shop:
        yield StaffShop(shop)
