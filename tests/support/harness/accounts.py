"""A write API with accounts over PostgreSQL, and the mails that it sends."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import httpx
from argon2 import PasswordHasher

from infra.bootstrap.accounts import mailing
from infra.bootstrap.write_api import write_side
from infra.identity.mailer import Mailer
from infra.settings import Settings
from tests.support.harness.front_desk import said

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "four unlikely words 7"
TOKEN = re.compile(r"token=([A-Za-z0-9_-]+)")


@dataclass(slots=True)
class Postbox:
    """Implements Post: keeps what is sent, or fails as it is told, before it keeps the mail or behind that."""

    letters: list[EmailMessage] = field(default_factory=list)
    fault: Callable[[], Exception] | None = None
    takes_it: bool = False

    async def send(self, letter: EmailMessage) -> None:
        if self.fault is not None and self.takes_it:
            self.letters.append(letter)
        if self.fault is not None:
            raise self.fault()
        self.letters.append(letter)


@dataclass(slots=True)
class Shop:
    """Clients of several processes of the write API, and the mails."""

    clients: list[httpx.AsyncClient]
    mailer: Mailer
    box: Postbox

    @property
    def client(self) -> httpx.AsyncClient:
        return self.clients[0]

    async def post(self, path: str, status: int, **body: Any) -> Any:
        return await said(await self.client.post(path, json=body), status)

    async def mails(self) -> list[EmailMessage]:
        """What was sent since the last look."""
        while await self.mailer.send_due():
            pass
        letters, self.box.letters = self.box.letters, []
        return letters

    async def token(self) -> str:
        """The token in the one mail that is due."""
        (letter,) = await self.mails()
        return token_in(letter)

    async def registered(self, address: str, password: str = PASSWORD, **more: Any) -> Any:
        """An account, logged in."""
        await self.post("/auth/register", 202, email=address)
        return await self.post("/auth/register/complete", 201, token=await self.token(), password=password, **more)

    async def logged_in(self, address: str, password: str = PASSWORD, **more: Any) -> Any:
        return await self.post("/auth/login", 200, email=address, password=password, **more)


def token_in(letter: EmailMessage) -> str:
    text = letter.get_body(("plain",))
    assert text is not None
    found = TOKEN.search(text.get_content())
    assert found is not None, text.get_content()
    return found[1]


def bearer(tokens: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


@asynccontextmanager
async def shop_with_accounts(settings: Settings, processes: int = 1) -> AsyncIterator[Shop]:
    """To be used with `infra.bootstrap.accounts.OWASP` replaced by QUICK."""
    async with AsyncExitStack() as stack:
        clients = []
        for _ in range(processes):
            transport = httpx.ASGITransport(await stack.enter_async_context(write_side(settings)))
            client = httpx.AsyncClient(transport=transport, base_url="http://shop")
            clients.append(await stack.enter_async_context(client))
        mailer = await stack.enter_async_context(mailing(settings))
        box = Postbox()
        object.__setattr__(mailer, "post", box)
        yield Shop(clients, mailer, box)
