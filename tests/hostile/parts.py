"""A part of the shop in a process of its own, as `counterfoil run` starts it, for strangers to hurt."""

import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from infra.bootstrap.local_stack import free_port
from infra.bootstrap.supervisor import Part
from infra.security.tokens import Tokens
from tests.hostile.everything import SOMEBODY

TOKENS = Tokens(b"a secret of more than thirty-two bytes")
ROLES = ("shopper", "back_office", "warehouse", "till", "analyst", "auditor")
PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Running:
    """Where it listens, and its log."""

    port: int
    part: Part

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self.part.process is not None
        return self.part.process.pid

    def client(self, *roles: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, headers=bearer(*roles), trust_env=False, timeout=PATIENCE)


def bearer(*roles: str) -> dict[str, str]:
    token = TOKENS.issue(SOMEBODY, roles or ROLES, timedelta(hours=12))
    return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def running(name: str, database: str, folder: Path, **settings: str) -> AsyncIterator[Running]:
    """The part `write-api` or `read-api` of a shop on this database; `settings` are for its environment."""
    port = free_port("127.0.0.1", 0)
    told = {
        "COUNTERFOIL_DATABASE": database,
        "COUNTERFOIL_DATA": str(folder),
        "COUNTERFOIL_TOKEN_SECRET": TOKENS.secret.decode(),
        "COUNTERFOIL_VAULT_KEY": base64.b64encode(bytes(32)).decode(),
        "COUNTERFOIL_WEBHOOK_SECRET": "secret",
        "COUNTERFOIL_WRITE_PORT": str(port),
        "COUNTERFOIL_READ_PORT": str(port),
        **settings,
    }
    words = [sys.executable, "-m", "infra.cli.main", "run", name, "--supervised"]
    part = Part(name, words, {**os.environ, **told}, folder / f"{name}.log")
    await part.start()
    watching = asyncio.create_task(part.watch())
    try:
        async with asyncio.timeout(PATIENCE):
            await part.ready.wait()
        yield Running(port, part)
        assert not watching.done() or "SIGKILL" in watching.result(), f"{name} died: {part.last_words()}"
    finally:
        await part.stop()
        await watching
