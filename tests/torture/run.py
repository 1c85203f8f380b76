"""One run: open a shop, let people in, strike it as planned, close in peace, and hear the witness."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from domain.order.events import OrderPlaced
from infra.audit.verdict import Check
from infra.bootstrap import composition
from infra.postgres.sessions import Sessions
from infra.processes.progress import PostgresProgress
from tests.e2e.shop import counterfoil
from tests.load.http import Pool
from tests.support.fixtures.proxy import until
from tests.torture.broker import LeftOut, heard, opened
from tests.torture.entry import ENTRY
from tests.torture.goods import STAFF, keep_receiving, put_on_sale
from tests.torture.house import House
from tests.torture.lines import laid
from tests.torture.log import Truth, truth
from tests.torture.plan import without_kafka
from tests.torture.record import Blow, Entry, Record, entries_of
from tests.torture.shoppers import USUAL, Manners, Street
from tests.torture.staff import Staff
from tests.torture.supplier import Supplier
from tests.torture.taken_in import taken_in
from tests.torture.told import Retelling
from tests.torture.verdict import Judgement
from tests.torture.witness import PATIENCE, Witness

CONNECTIONS, HANDS = 64, 4
QUIET_LOOKS, LOOK_EVERY = 3, 0.5
FAR_AHEAD = 3 * 3600
COCKPIT = """
query($after: String) { cockpit { processes(first: 100, after: $after, attention: true) {
    edges { node { process instance } } pageInfo { hasNextPage endCursor } } } }
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """How long people come at least, in seconds, and how many at once; what is done to the shop; how long they wait.

    A blow that is late, because the one before it took long, is struck at once, but not before so many
    `checkouts` have begun since the last one. `bug` may be several, with commas. With `kafka`, others are told.
    """

    seed: int
    seconds: float
    blows: Sequence[Blow]
    shoppers: int = 6
    bug: str = "none"
    patience: float = 45.0
    checkouts: int = 0
    manners: Manners = USUAL
    workers: int = 1
    kafka: bool = False


@dataclass(slots=True)
class Outcome:
    """What is to be reported. `left_out`: what was wished for and cannot be had on this machine."""

    wish: Wish
    checks: Sequence[Check]
    checked: Mapping[str, Any]
    figures: Mapping[str, Any]
    said: Sequence[str] = field(default_factory=list)
    left_out: str = ""

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks) and bool(self.checked.get("ok"))


@contextmanager
def empty_folder() -> Iterator[Path]:
    """Where the database's own user may look; gone in the end."""
    with TemporaryDirectory(prefix="counterfoil-torture-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


async def torture(wish: Wish, folder: Path, say: Callable[[str], None]) -> Outcome:
    """`folder` is empty; it keeps the record and the shop's data. Raises whatever people could not get over."""
    async with AsyncExitStack() as stack:
        broker, left_out = None, ""
        if wish.kafka:
            try:
                broker = await stack.enter_async_context(opened(folder / "services"))
            except LeftOut as missing:
                left_out = str(missing)
                say(left_out)
                wish = replace(wish, blows=without_kafka(wish.blows))
        house = House(folder / "data", (*ENTRY, wish.bug), wish.workers, broker)
        house.lines = await stack.enter_async_context(laid(house.url, wish.workers))
        return replace(await _tortured(wish, house, folder, say), left_out=left_out)


async def _tortured(wish: Wish, house: House, folder: Path, say: Callable[[str], None]) -> Outcome:
    record = Record(folder / "record.jsonl")
    say(f"Opening a shop in {folder}")
    try:
        await house.open()
        ports = Pool(house.write_port, CONNECTIONS), Pool(house.read_port, CONNECTIONS)
        witness = Witness(*ports, house.tokens, record)
        run = _Run(wish, house, witness, record, say)
        await run.live()
        outcome = await run.judged(folder / "record.jsonl")
        witness.close()
        return outcome
    finally:
        await record.close()
        await asyncio.to_thread(house.close)


class _Run:
    """The people, the blows and the time of one run."""

    def __init__(self, wish: Wish, house: House, witness: Witness, record: Record, say: Callable[[str], None]) -> None:
        self.wish, self.house, self.witness, self.record, self.say = wish, house, witness, record, say
        self.checker = Street(witness, wish.seed, wish.patience, wish.manners)
        self.staff = Staff(witness, self.checker, Random(f"{wish.seed}:staff"))
        self.supplier = Supplier(house.broker.address, record, Random(f"{wish.seed}:feed")) if house.broker else None
        self.struck = Counter[str]()
        self.settled = True

    async def live(self) -> None:
        """Until everybody has left, and whatever follows from it has happened."""
        await put_on_sale(self.witness)
        closing, leave = asyncio.Event(), asyncio.Event()
        async with asyncio.TaskGroup() as people:
            receiving = keep_receiving(self.witness, Random(f"{self.wish.seed}:goods"), closing)
            crowd = people.create_task(self.checker.crowd(self.wish.shoppers, closing))
            people.create_task(receiving)
            people.create_task(self.staff.work(HANDS, leave))
            if self.supplier is not None:
                people.create_task(self.supplier.work(closing))
            await self._strike()
            self.say("Closing time: nothing goes wrong any more")
            closing.set()
            await crowd
            leave.set()
        await self._settle()

    async def _strike(self) -> None:
        began = monotonic()
        for blow in self.wish.blows:
            await self._serve_until(began + blow.at)
            await self.record.keep(blow)
            await self.house.strike(blow)
            self.struck[f"{blow.kind} {blow.target}"] += 1
            self.say(f"{monotonic() - began:7.1f} s  {blow.kind} {blow.target} {blow.lasting or ''}")
        await self._serve_until(began + self.wish.seconds)

    async def _serve_until(self, time: float) -> None:
        enough = len(self.checker.checkouts) + self.wish.checkouts

        async def had_enough() -> bool:
            return len(self.checker.checkouts) >= enough

        await asyncio.sleep(max(0.0, time - monotonic()))
        await until(had_enough, PATIENCE)

    async def _settle(self) -> None:
        """Until the log has not grown for a while, and everything that follows it stands at its end.

        What was to be told an hour later, when the clock was an hour ahead, is told now.
        """
        self.house.set_clock(FAR_AHEAD)
        deadline, quiet = monotonic() + 4 * self.wish.patience, 0
        settings = self.house.complete
        sessions = Sessions(composition.database_of(settings), "witness", 1)
        progress, before = PostgresProgress(sessions), -1
        async with composition.event_store(settings) as store:
            while quiet < QUIET_LOOKS and monotonic() < deadline:
                await asyncio.sleep(LOOK_EVERY)
                head, handled = await store.head(), await progress.position()
                untold = await sessions.persistently(lambda c: c.fetchval("select count(*) from gateway.webhooks"), 5)
                quiet = quiet + 1 if head == handled == before and not untold and await self._taken_in(sessions) else 0
                before = head
        self.settled = quiet >= QUIET_LOOKS
        await sessions.close()
        for cart, who in self.checker.carts.items():
            await self.witness.look(who, "cart", cart, before)
        for checkout, cart in self.checker.checkouts.items():
            who = self.checker.carts[cart]
            for kind in ("checkout", "order"):
                await self.witness.look(who, kind, checkout, before)

    async def _taken_in(self, sessions: Sessions) -> bool:
        """Whether the shop has heard everything that another system has told."""
        if self.supplier is None:
            return True
        known = await sessions.persistently(lambda c: c.fetchval("select count(*) from inbox.messages"), 5)
        return bool(known == self.supplier.told)

    async def judged(self, path: Path) -> Outcome:
        entries, true = list(entries_of(path)), await truth(self.house.complete)
        judgement = Judgement(entries, true, await self._attention())
        settled = Check("the shop comes to rest", looked_at=1)
        if not self.settled:
            settled.fail(f"{4 * self.wish.patience:g} s after the last shopper, something is still going on")
        for order in self.checker.stuck + self.staff.given_up:
            settled.fail(f"{order} waits for ever")
        calm = Check("nobody is told what cannot be, or nothing at all", looked_at=len(self.checker.carts))
        for surprise in self.checker.surprises:
            calm.fail(surprise)
        polite = Check("no answer is a fault of the shop (500)", looked_at=self.witness.tries)
        for fault in self.witness.faults:
            polite.fail(fault)
        told, others = await self._others(entries, true)
        checks = [*judgement.checks(), *others, settled, calm, polite]
        checked = await asyncio.to_thread(counterfoil, "check", "--json", "--data", str(self.house.data))
        report = json.loads(checked.stdout) if checked.stdout else {"ok": False, "error": checked.stderr}
        said = [line for line in self.house.said.splitlines() if "starting it again" in line]
        figures = {
            "events": len(true.log),
            "commands": judgement.once.looked_at,
            "refused": judgement.refused.looked_at,
            "reads": judgement.reads.looked_at,
            "messages": told,
            "deliveries": 0 if self.supplier is None else self.supplier.told,
            "tries": self.witness.tries,
            "tries_in_vain": self.witness.unanswered,
            "longest_wait_for_an_answer_s": round(self.witness.longest_silence, 1),
            "shoppers": len(self.checker.carts),
            "checkouts": len(self.checker.checkouts),
            "orders": sum(isinstance(recorded.fact, OrderPlaced) for recorded in true.log),
            "blows": dict(sorted(self.struck.items())),
            "kills": sum(times for blow, times in self.struck.items() if blow.startswith("kill")),
            "restarts_by_the_supervisor": len(said),
            "takeovers": self.house.takeovers,
        }
        return Outcome(self.wish, checks, report, figures, said)

    async def _others(self, entries: Sequence[Entry], true: Truth) -> tuple[int, Sequence[Check]]:
        """How many messages others got, and what is to be said of them and of what others told."""
        if self.house.broker is None:
            return 0, ()
        retelling = Retelling(true.log)
        messages = await heard(self.house.broker.address, retelling.all_told)
        return len(messages), (*retelling.checks(messages), taken_in(entries, true.log))

    async def _attention(self) -> frozenset[tuple[str, str]]:
        """What the cockpit says somebody has to look at."""
        found, after = set[tuple[str, str]](), None
        while True:
            page = (await self.witness.ask(STAFF, COCKPIT, after=after))["cockpit"]["processes"]
            found |= {(edge["node"]["process"], edge["node"]["instance"]) for edge in page["edges"]}
            if not page["pageInfo"]["hasNextPage"]:
                return frozenset(found)
            after = page["pageInfo"]["endCursor"]
