"""Who gets a place when there is none, and who loses it."""

from dataclasses import dataclass, field

from infra.http.bodies import Bodies
from infra.http.slots import Slots


@dataclass(slots=True, eq=False)
class Guest:
    """Writes down what it is asked to do."""

    name: str
    told: list[str] = field(default_factory=list)

    def make_room(self) -> None:
        self.told.append(f"{self.name} goes")

    def drop_body(self) -> None:
        self.told.append(f"{self.name} drops")


@dataclass(slots=True)
class House:
    """Three places, two of one caller, one second of grace."""

    now: float = 0.0
    told: list[str] = field(default_factory=list)
    places: Slots[Guest] = field(init=False)

    def __post_init__(self) -> None:
        self.places = Slots(each=2, grace=1.0, clock=lambda: self.now)

    def comes(self, name: str, caller: str | None) -> tuple[Guest, bool]:
        guest = Guest(name, self.told)
        return guest, self.places.admit(guest, caller, full=len(self.places) >= 3)

    def idle(self, name: str, caller: str | None) -> Guest:
        guest, admitted = self.comes(name, caller)
        assert admitted
        self.places.idles(guest)
        return guest


def test_a_caller_with_too_many_loses_its_own_and_others_lose_none() -> None:
    house = House()
    house.idle("other", "b")
    house.idle("first", "a")
    house.idle("second", "a")
    assert house.comes("third", "a")[1]
    assert (house.told, len(house.places)) == (["first goes"], 3)


def test_a_newcomer_gets_the_place_of_who_idled_longest() -> None:
    house = House()
    first, second, _third = house.idle("first", "a"), house.idle("second", "b"), house.idle("third", "c")
    house.places.works(first)
    house.places.idles(second)
    assert house.comes("fourth", "d")[1]
    assert house.told == ["third goes"]


def test_idle_ones_go_before_slow_ones_and_those_only_when_they_have_been_for_long() -> None:
    house = House()
    slow = house.idle("slow", "a")
    house.places.dawdles(slow)
    idle = house.idle("idle", "b")
    busy = house.idle("busy", "c")
    house.places.works(busy)
    assert house.comes("one", "d")[1]
    assert house.told == ["idle goes"]
    house.now = 0.9
    assert not house.comes("two", "e")[1]
    house.now = 1.0
    assert house.comes("three", "e")[1]
    assert (house.told, len(house.places)) == (["idle goes", "slow goes"], 3)
    assert not house.comes("four", "f")[1]
    for guest in (slow, idle, busy, busy):
        house.places.leave(guest)
    assert len(house.places) == 2


def test_a_caller_that_is_a_proxy_has_no_bound_of_its_own() -> None:
    house = House()
    for name in ("one", "two", "three"):
        house.idle(name, None)
    assert (house.told, len(house.places)) == ([], 3)
    assert house.comes("four", "a")[1]
    assert house.told == ["one goes"]


def test_bodies_are_dropped_oldest_first_until_the_rest_fits() -> None:
    told = list[str]()
    first, second, third, fourth = (Guest(name, told) for name in ("first", "second", "third", "fourth"))
    bodies = Bodies[Guest](most=100)
    for guest, caller in ((first, "a"), (second, "b"), (third, "c")):
        bodies.add(guest, caller, 20)
    bodies.complete(first)
    bodies.add(third, "c", 5)
    bodies.add(fourth, None, 50)
    assert (told, bodies.held) == (["second drops"], 95)
    bodies.release(first)
    bodies.release(first)
    assert bodies.held == 75


def test_a_caller_with_more_than_a_quarter_drops_its_own_first() -> None:
    told = list[str]()
    bodies = Bodies[Guest](most=100)
    modest, greedy, more = (Guest(name, told) for name in ("modest", "greedy", "more"))
    bodies.add(modest, "a", 10)
    bodies.add(greedy, "b", 60)
    bodies.add(more, "b", 40)
    assert (told, bodies.held) == (["greedy drops"], 50)


def test_what_does_not_fit_beside_complete_bodies_is_dropped_itself() -> None:
    told = list[str]()
    bodies = Bodies[Guest](most=100)
    complete, late = Guest("complete", told), Guest("late", told)
    bodies.add(complete, "a", 90)
    bodies.complete(complete)
    bodies.add(late, "b", 20)
    assert (told, bodies.held) == (["late drops"], 90)
