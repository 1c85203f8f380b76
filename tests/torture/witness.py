"""A client of the shop who forgets nothing and asks until there is an answer."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any, NamedTuple

import msgspec

from infra.security.tokens import Tokens
from tests.load.http import Pool
from tests.torture.record import Answered, Asked, Read, Record

FAULT = 500
AGAIN = frozenset({429, FAULT, 502, 503, 504})
PATIENCE, ONE_TRY = 150.0, 10.0
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
LIFETIME = timedelta(days=2)

CART = "query($id: ID!) @after(position: %s) { cart(id: $id) { status checkoutId lines { sku quantity } } }"
ORDER = "query($id: ID!) @after(position: %s) { order(id: $id) { status lines { sku dispatched cancelled } } }"
CHECKOUT = "query($id: ID!) @after(position: %s) { checkout(id: $id) { phase rejection payment { status actionUrl } } }"
QUERIES = {"cart": CART, "order": ORDER, "checkout": CHECKOUT}


class Who(NamedTuple):
    subject: str
    role: str


class Word(NamedTuple):
    """The shop's last word on a command."""

    status: int
    answer: Mapping[str, Any]

    @property
    def accepted(self) -> bool:
        return self.status < 300

    @property
    def position(self) -> int:
        return int(self.answer["position"])


class ShopSilent(Exception):
    """No answer within patience."""


@dataclass(slots=True)
class Witness:
    """Whatever the shop acknowledged is in the record before anybody hears of it."""

    write: Pool
    read: Pool
    tokens: Tokens
    record: Record
    unanswered: int = 0
    tries: int = 0
    faults: list[str] = field(default_factory=list)
    longest_silence: float = 0.0
    _issued: dict[Who, str] = field(default_factory=dict)

    async def command(self, who: Who, method: str, path: str, key: str, body: Mapping[str, Any] | None = None) -> Word:
        """Ask until there is a last word. Raises ShopSilent."""
        await self.record.keep(Asked(who.subject, key, method, path, body))
        headers = self._bearer(who) | {"Idempotency-Key": key}
        sent = b"" if body is None else msgspec.json.encode(body)
        status, answer = await self._asked(self.write, method, path, sent, headers)
        word = Word(status, msgspec.json.decode(answer))
        await self.record.keep(Answered(who.subject, key, status, word.answer))
        return word

    async def visit(self, path: str) -> int:
        """Send a form of the gateway's page; answers the status."""
        return (await self._asked(self.write, "POST", path, b"", {}))[0]

    async def look(self, who: Who, kind: str, id: str, after: int = 0) -> Any:
        """What is shown of a thing to somebody who was promised a position. Raises ShopSilent."""
        query = QUERIES[kind] % f'"{after}"'
        answer = (await self.ask(who, query, id=id))[kind]
        await self.record.keep(Read(kind, id, after, answer))
        return answer

    async def ask(self, who: Who, query: str, **variables: object) -> Any:
        """The data of an answer; what is stale or not there yet is asked for again. Raises ShopSilent."""
        body = msgspec.json.encode({"query": query, "variables": variables})
        deadline = monotonic() + PATIENCE
        while True:
            _, text = await self._asked(self.read, "POST", "/graphql", body, self._bearer(who))
            answer = msgspec.json.decode(text)
            if not answer.get("errors"):
                return answer["data"]
            code = answer["errors"][0].get("extensions", {}).get("code")
            if code == "INTERNAL_ERROR":
                self.faults.append(f"GraphQL: {answer['errors'][0]}")
            if code not in ("STALE", "UNAVAILABLE", "INTERNAL_ERROR") or monotonic() > deadline:
                raise ShopSilent(f"{code}: {answer['errors'][0]['message']}")
            await asyncio.sleep(FIRST_PAUSE)

    async def _asked(
        self, pool: Pool, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        began, pause = monotonic(), FIRST_PAUSE
        while True:
            self.tries += 1
            reason = "no answer"
            try:
                async with asyncio.timeout(ONE_TRY):
                    status, answer = await pool.send(method, path, body, headers)
                if status not in AGAIN:
                    self.longest_silence = max(self.longest_silence, monotonic() - began)
                    return status, answer
                reason = f"{status} {answer[:200].decode(errors='replace')}"
                if status == FAULT:
                    self.faults.append(f"{method} {path}: {reason}")
            except (OSError, TimeoutError) as error:
                reason = type(error).__name__
            self.unanswered += 1
            if monotonic() - began > PATIENCE:
                raise ShopSilent(f"{method} {path}: {reason}")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _bearer(self, who: Who) -> dict[str, str]:
        if who not in self._issued:
            self._issued[who] = self.tokens.issue(who.subject, [who.role], LIFETIME)
        return {"Authorization": f"Bearer {self._issued[who]}"}

    def close(self) -> None:
        self.write.close()
        self.read.close()
