"""`python -m tests.hostile.oracle`: whether times or answers tell which addresses have an account.

It sends logins with a wrong password, registrations and requests for a new password, for addresses with an account and
for others in random order, to a write API with the passwords of production. The times of both kinds are compared by the
Kolmogorov-Smirnov test; the exit code is 1 if a difference is significant or the answers differ.
"""

import asyncio
import base64
import math
import random
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import httpx
from pydantic import SecretStr

from commands.accounts.ports import Realm
from infra.bootstrap.composition import sessions_of
from infra.bootstrap.session_state import identity_of
from infra.bootstrap.vault import vault_of
from infra.identity.passwords import OWASP
from infra.identity.schema import prepare
from infra.postgres.embedded import EmbeddedPostgres
from infra.settings import Settings
from tests.hostile.parts import running

ADDRESSES, WARM_UP = 1_000, 20
"""With an account, and as many without: limits allow five mails an hour to one. Others take the first requests, which
are slower."""

SIGNIFICANT = 0.001
PATHS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "login": ("/auth/login", {"password": "not the password 1"}),
    "register": ("/auth/register", {}),
    "reset": ("/auth/password/forgotten", {}),
}


class Compared(NamedTuple):
    """Seconds of addresses with an account and without, and how likely such a difference is where there is none."""

    what: str
    known: Sequence[float]
    unknown: Sequence[float]
    answers_differ: bool

    @property
    def p(self) -> float:
        return kolmogorov_smirnov(self.known, self.unknown)

    @property
    def is_oracle(self) -> bool:
        return self.answers_differ or self.p < SIGNIFICANT

    def __str__(self) -> str:
        known, unknown = median(self.known) * 1000, median(self.unknown) * 1000
        said = "answers differ" if self.answers_differ else "same answers"
        return f"{self.what:<10} {len(self.known):>6} {known:>9.2f} ms {unknown:>9.2f} ms   p = {self.p:.3f}   {said}"


def kolmogorov_smirnov(one: Sequence[float], other: Sequence[float]) -> float:
    """The probability of a distance between two samples of one distribution that is at least theirs (asymptotic)."""
    ordered = sorted([(it, 1 / len(one)) for it in one] + [(it, -1 / len(other)) for it in other])
    distance, at = 0.0, 0.0
    for place, (value, step) in enumerate(ordered):
        at += step
        if place + 1 == len(ordered) or ordered[place + 1][0] != value:
            distance = max(distance, abs(at))
    size = math.sqrt(len(one) * len(other) / (len(one) + len(other)))
    x = (size + 0.12 + 0.11 / size) * distance
    if x < 0.2:
        return 1.0
    terms = (math.copysign(math.exp(-2 * (k * x) ** 2), k % 2 - 0.5) for k in range(1, 101))
    return min(1.0, max(0.0, 2 * sum(terms)))


async def compare(client: httpx.AsyncClient, what: str, numbers: Iterable[int], chance: random.Random) -> Compared:
    """Each request comes from a network of its own, so that no limit is met."""
    path, body = PATHS[what]
    order = [(kind, number) for number in numbers for kind in ("known", "unknown")]
    chance.shuffle(order)
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    answers = set[tuple[int, str]]()
    for kind, number in order:
        network = ".".join(str(chance.randrange(1, 255)) for _ in range(4))
        begun = time.perf_counter()
        answer = await client.post(
            path, json={"email": f"{kind}{number}@shop.example", **body}, headers={"X-Forwarded-For": network}
        )
        times[kind].append(time.perf_counter() - begun)
        answers.add((answer.status_code, answer.text))
    return Compared(what, times["known"], times["unknown"], len(answers) > 1)


async def open_accounts(settings: Settings) -> None:
    """Accounts whose password nobody knows, as registering leaves them in the identity store."""
    hashed, now = OWASP.hash("the password of all of them 1").encode(), datetime.now(UTC)
    async with sessions_of(settings, "oracle") as sessions:
        await prepare(sessions)
        vault, identity = await vault_of(settings, sessions), identity_of(settings, sessions)
        for number in range(ADDRESSES + WARM_UP):
            subject, address = f"shopper-{number}", f"known{number}@shop.example"
            sealed = await vault.seal(subject, address.encode())
            await identity.claim(Realm.SHOPPER, address, subject, sealed, now)
            await identity.confirm(Realm.SHOPPER, address, subject)
            await identity.set_password(subject, await vault.seal(subject, hashed), now, kept=None)


async def measure(url: str, folder: Path, requests: int, *, mail_down: bool) -> Sequence[Compared]:
    key = SecretStr(base64.b64encode(bytes(32)).decode())
    await open_accounts(Settings(data=folder, database=url, vault_key=key, keys_folder=folder / "keys"))
    told = {"COUNTERFOIL_KEYS_FOLDER": str(folder / "keys"), "COUNTERFOIL_TRUSTED_PROXIES": "127.0.0.1"}
    async with AsyncExitStack() as stack:
        if mail_down:
            dead = {**told, "COUNTERFOIL_SMTP": "smtp://127.0.0.1:1"}
            await stack.enter_async_context(running("processes", url, folder, **dead))
        part = await stack.enter_async_context(running("write-api", url, folder, **told))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=part.url, trust_env=False, timeout=30))
        chance = random.Random(1)
        for what in PATHS:
            await compare(client, what, range(ADDRESSES, ADDRESSES + WARM_UP), chance)
        return [await compare(client, what, [it % ADDRESSES for it in range(requests)], chance) for what in PATHS]


def main(requests: int, *, mail_down: bool) -> int:
    with TemporaryDirectory(prefix="counterfoil-oracle-") as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedPostgres(Path(folder))
        server.start()
        try:
            found = asyncio.run(measure(server.url, Path(folder), requests, mail_down=mail_down))
        finally:
            server.stop()
    print(f"{'':<10} {'each':>6} {'account':>12} {'none':>12}   (medians{', mail down' if mail_down else ''})")  # noqa: T201
    for one in found:
        print(one)  # noqa: T201
    return int(any(one.is_oracle for one in found))


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2000, help="of each kind")
    parser.add_argument("--mail-down", action="store_true", help="with a mail server that cannot be reached")
    given = parser.parse_args()
    sys.exit(main(given.requests, mail_down=given.mail_down))
