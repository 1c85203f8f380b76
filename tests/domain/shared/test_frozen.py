"""Frozen objects are copied with changes, and stay frozen."""

from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import pytest

from domain.shared.frozen import replace, thawed


@dataclass(frozen=True, slots=True)
class Shelf:
    """A plain frozen class."""

    place: str
    mugs: int = 0
    cups: int = 0


def test_a_copy_has_the_changes_and_all_else_as_it_was() -> None:
    shelf = Shelf("left", mugs=1, cups=2)
    assert replace(shelf, cups=3) == Shelf("left", mugs=1, cups=3)
    assert shelf == Shelf("left", mugs=1, cups=2)


def test_a_copy_is_of_the_class_and_frozen() -> None:
    copy: Any = replace(Shelf("left"), mugs=1)
    assert [type(copy)] == [Shelf]
    with pytest.raises(FrozenInstanceError):
        copy.mugs = 2


def test_a_field_that_is_not_there_is_an_error() -> None:
    changes: dict[str, Any] = {"saucers": 1}
    with pytest.raises(AttributeError, match="saucers"):
        replace(Shelf("left"), **changes)


def test_what_was_not_set_is_not_there() -> None:
    made: Any = thawed(Shelf)()
    made.place = "left"
    made.__class__ = Shelf
    assert (type(made), made.place) == (Shelf, "left")
    with pytest.raises(AttributeError):
        _ = made.mugs


@dataclass(frozen=True, slots=True)
class Counted:
    """A class that looks at what it is made of."""

    mugs: int

    def __post_init__(self) -> None:
        assert self.mugs > 0


@dataclass(frozen=True, slots=True)
class LongShelf(Shelf):
    """A class that inherits."""

    metres: int = 1


@dataclass(frozen=True)
class Loose:
    """A class without slots."""

    mugs: int


@pytest.mark.parametrize("odd", [Counted(1), LongShelf("left"), Loose(1)])
def test_what_cannot_be_copied_so_is_refused(odd: Any) -> None:
    with pytest.raises(TypeError, match="no plain class with slots"):
        replace(odd, mugs=2)
