"""Guessing is limited by account and network, and keeps nobody out who has logged in on a device before."""

import asyncio
import tracemalloc

import pytest

from commands.accounts.errors import TooManyAttempts
from commands.accounts.ports import Attempt, Realm
from infra.identity.attempts import LocalWindows, LoginAttempts
from infra.security.derived_keys import KeyedHash

ANNA = "anna@shop.example"


class Door:
    """The limits of a login, with a clock of its own."""

    def __init__(self, most_names: int = 100_000, share: float = 1.0) -> None:
        self.now = 1000.0
        windows = LocalWindows(lambda: self.now, most_names, share)
        self.attempts = LoginAttempts(windows, KeyedHash([bytes(32)]), KeyedHash([bytes([1] * 32)]))

    async def fails(self, network: str = "n1", address: str = ANNA, device: str | None = None) -> bool:
        """Whether a failed attempt was let in."""
        try:
            await self.attempts.begin(attempt(network, address, device))
        except TooManyAttempts:
            return False
        return True

    async def succeeds(self, network: str = "n1", address: str = ANNA, device: str | None = None) -> bool:
        admitted = await self.fails(network, address, device)
        if admitted:
            await self.attempts.succeeded(attempt(network, address, device))
        return admitted


def attempt(network: str, address: str, device: str | None) -> Attempt:
    return Attempt(realm=Realm.SHOPPER, address=address, network=network, device=device)


async def test_five_failures_in_a_quarter_of_an_hour_from_one_network() -> None:
    door = Door()
    assert [await door.fails() for _ in range(7)] == [True] * 5 + [False] * 2
    assert (await door.fails("n2"), await door.fails("n1", "ben@shop.example")) == (True, True)
    door.now += 899
    assert not await door.fails(address=ANNA.upper())
    door.now += 1
    assert await door.fails()


async def test_the_wait_is_told() -> None:
    door = Door()
    for _ in range(5):
        await door.fails()
    door.now += 100
    with pytest.raises(TooManyAttempts) as refused:
        await door.attempts.begin(attempt("n1", ANNA, None))
    assert refused.value.retry_after == 800


async def test_a_success_forgives_the_failures_before_it() -> None:
    door = Door()
    for _ in range(4):
        await door.fails()
    assert await door.succeeds()
    assert [await door.fails() for _ in range(6)] == [True] * 5 + [False]


async def test_many_guesses_at_once_are_no_way_around() -> None:
    door = Door()
    admitted = await asyncio.gather(*(door.fails() for _ in range(100)))
    assert sum(admitted) == 5


async def test_fifty_failures_of_one_network_over_all_accounts() -> None:
    door = Door()
    admitted = [await door.fails("n1", f"a{n}@shop.example") for n in range(60)]
    assert admitted == [True] * 50 + [False] * 10
    assert await door.succeeds("n2")


async def test_beyond_a_hundred_an_hour_a_known_device_gets_in_and_a_strange_one_does_not() -> None:
    door = Door()
    device = door.attempts.device(ANNA)
    admitted = [await door.fails(f"n{n}") for n in range(110)]
    assert sum(admitted) == 100
    assert not await door.succeeds("home")
    assert await door.succeeds("home", device=device)
    assert await door.succeeds("home", ANNA.upper(), device)
    for false in (door.attempts.device("ben@shop.example"), "nonsense", "", device[:-4] + "AAA="):
        assert not await door.succeeds("home", device=false)


async def test_a_refused_attempt_counts_for_nothing_else() -> None:
    door = Door()
    for n in range(50):
        await door.fails("n1", f"a{n}@shop.example")
    door.now += 899
    assert [await door.fails() for _ in range(5)] == [False] * 5  # by the limit of the network
    door.now += 1
    assert [await door.fails() for _ in range(6)] == [True] * 5 + [False]


async def test_five_mails_an_hour_to_an_address_and_thirty_from_a_network() -> None:
    door = Door()

    async def asked(address: str, network: str) -> bool:
        try:
            await door.attempts.mail(Realm.SHOPPER, address, network)
        except TooManyAttempts:
            return False
        return True

    one = [await asked(ANNA, f"n{n}") for n in range(6)]
    assert one == [True] * 5 + [False]
    many = [await asked(f"a{n}@shop.example", "n") for n in range(31)]
    assert many == [True] * 30 + [False]


async def test_invented_names_take_a_bounded_memory() -> None:
    door = Door(most_names=1_000)
    tracemalloc.start()
    for n in range(2_000):
        await door.fails(f"n{n}", f"a{n}@shop.example")
    before = tracemalloc.get_traced_memory()[0]
    for n in range(2_000, 20_000):
        await door.fails(f"n{n}", f"a{n}@shop.example")
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 100_000
