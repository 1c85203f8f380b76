"""Who is served when: callers in turns, those beyond their share last, and nobody for ever."""

import asyncio
from dataclasses import dataclass

import pytest

from infra.security.tokens import Caller
from read_api.graphql.accounts import Accounts, Share
from read_api.graphql.errors import Busy, OverBudget
from read_api.graphql.payers import Payer, payer_of
from read_api.graphql.turns import BEYOND_WAITING, Room, Turns
from tests.support.fixtures.virtual_time import run

HOME, OFFICE = ("192.0.2.1", 1), ("198.51.100.7", 1)
LONG, SHORT = 1.0, 0.01


def at(address: str, port: int) -> Payer:
    return payer_of(None, (address, port))


ABUSER, NEIGHBOUR, OTHER = at("192.0.2.1", 1), at("192.0.2.1", 2), at("198.51.100.7", 1)


async def ask(turns: Turns, payer: Payer, seconds: float) -> float:
    """When it was answered."""
    async with turns.turn(payer):
        await asyncio.sleep(seconds)
    return asyncio.get_running_loop().time()


def settled(turns: Turns) -> bool:
    return (turns._all, turns._beyond, dict(turns._inside), turns._queue) == (0, 0, {}, [])


@dataclass(slots=True)
class Abuse:
    """One who asks for something long again and again, six at once."""

    turns: Turns
    payers: tuple[Payer, ...] = (ABUSER,)
    served: int = 0
    refused: int = 0

    async def go_on(self, payer: Payer) -> None:
        while True:
            try:
                await ask(self.turns, payer, LONG)
                self.served += 1
            except (OverBudget, Busy):
                self.refused += 1
                await asyncio.sleep(0.05)

    def begin(self) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.go_on(payer)) for payer in self.payers for _ in range(6)]


@pytest.mark.parametrize("payers", [(ABUSER,), tuple(at("192.0.2.1", 100 + n) for n in range(12))], ids=["one", "many"])
def test_others_are_served_at_once_whatever_one_address_asks_for(payers: tuple[Payer, ...]) -> None:
    async def asking() -> tuple[list[float], Abuse, bool]:
        turns = Turns()
        abuse = Abuse(turns, payers)
        tasks, waits = abuse.begin(), list[float]()
        for _ in range(100):
            await asyncio.sleep(0.5)
            began = asyncio.get_running_loop().time()
            waits.append(await ask(turns, OTHER, SHORT) - began)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        return waits, abuse, settled(turns)

    waits, abuse, is_settled = run(asking())
    assert waits == pytest.approx([SHORT] * 100)
    assert is_settled
    share = Share()
    assert abuse.served * LONG < 4 * share.at_once + 50 / LONG + 10
    assert abuse.refused > 0


def test_behind_one_address_those_who_used_least_come_first() -> None:
    async def asking() -> float:
        turns = Turns()
        turns.accounts.charge(ABUSER.group, 1_000, ABUSER.shares)
        turns.accounts.charge(ABUSER.one, 1_000)
        tasks = Abuse(turns).begin()
        await asyncio.sleep(10.5)
        began = asyncio.get_running_loop().time()
        waited = await ask(turns, NEIGHBOUR, SHORT) - began
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert settled(turns)
        return waited

    assert run(asking()) <= LONG + SHORT + 1e-9


def test_whoever_is_beyond_their_share_is_told_when_to_come_back() -> None:
    async def asking() -> list[OverBudget | Busy | float]:
        turns = Turns(Share(at_once=1.0, a_second=0.5), Room(places=4, patience=2.0))
        turns.accounts.charge(ABUSER.one, 6.0)
        told = await asyncio.gather(*(ask(turns, ABUSER, LONG) for _ in range(20)), return_exceptions=True)
        assert settled(turns)
        return told  # type: ignore[return-value]

    told = run(asking())
    served = [it for it in told if isinstance(it, float)]
    refusals = [it for it in told if isinstance(it, OverBudget)]
    assert served == [1.0, 2.0]
    assert len(refusals) == 20 - len(served)
    assert refusals[0].code == "RATE_LIMITED"
    assert {type(it.extensions["retryAfter"]) for it in refusals} == {int}
    assert "Ask again in" in str(refusals[0])


def test_so_many_wait_and_no_more() -> None:
    async def asking() -> int:
        turns = Turns(Share(at_once=1.0))
        turns.accounts.charge(ABUSER.one, 60.0)
        tasks = [asyncio.create_task(ask(turns, ABUSER, LONG)) for _ in range(100)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting = len(turns._queue)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert settled(turns)
        return waiting

    assert run(asking()) == BEYOND_WAITING


def test_who_leaves_takes_no_place_along() -> None:
    """Cancelled while waiting, while inside, and in the very moment a place becomes theirs."""

    async def asking() -> float:
        turns = Turns(room=Room(places=1))
        inside, waiting, moment = (asyncio.create_task(ask(turns, OTHER, LONG)) for _ in range(3))
        await asyncio.sleep(0.1)
        waiting.cancel()
        inside.cancel()
        await asyncio.sleep(0)
        moment.cancel()
        await asyncio.wait([inside, waiting, moment])
        assert settled(turns)
        return await ask(turns, OTHER, SHORT)

    assert run(asking()) == pytest.approx(0.1 + SHORT)


def test_short_turns_are_not_counted() -> None:
    async def asking() -> int:
        turns = Turns()
        for _ in range(100):
            await ask(turns, OTHER, SHORT)
        return len(turns.accounts)

    assert run(asking()) == 0


def test_what_is_used_is_given_back_and_accounts_are_bounded() -> None:
    now = 0.0
    accounts = Accounts(Share(at_once=5.0, a_second=0.5), lambda: now, most=10)
    accounts.charge("a", 7.0)
    assert (accounts.used("a"), accounts.wait("a"), accounts.wait("b")) == (7.0, 4.0, 0.0)
    now = 4.0
    assert (accounts.used("a"), accounts.wait("a")) == (5.0, 0.0)
    now = 100.0
    assert accounts.used("a") == 0.0
    for number in range(1_000):
        accounts.charge(str(number), 1.0)
        accounts.charge("a", 1.0)
    assert (len(accounts), accounts.used("a")) == (10, 1_000.0)


@pytest.mark.parametrize(
    ("roles", "client", "one", "group", "shares"),
    [
        (None, ("192.0.2.1", 5), "line 192.0.2.1 5", "address 192.0.2.1", 4),
        (["shopper"], ("192.0.2.1", 5), "subject ada", "address 192.0.2.1", 4),
        (["back_office"], ("192.0.2.1", 5), "subject ada", "subject ada", 4),
        (None, None, "line unknown 0", "address unknown", 4),
    ],
)
def test_who_pays(roles: list[str] | None, client: tuple[str, int] | None, one: str, group: str, shares: int) -> None:
    caller = None if roles is None else Caller("ada", frozenset(roles))
    assert payer_of(caller, client) == Payer(one, group, shares)


def test_a_network_of_ipv6_is_one_address() -> None:
    same, too, other, mapped = (
        at(it, 1).group for it in ("2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1", "::ffff:192.0.2.1")
    )
    assert same == too
    assert len({same, other, mapped}) == 3
