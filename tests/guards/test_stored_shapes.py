"""What is stored outside the log keeps its shape for as long as it keeps its version."""

from dataclasses import dataclass, make_dataclass
from enum import Enum

from tests.guards.shapes import pinned, shape, shapes


class Phase(Enum):
    """Values that a state may have."""

    OPEN = "open"
    SHUT = "shut"


@dataclass
class Inner:
    """A part of a state."""

    phase: Phase | None


def test_a_stored_shape_changes_only_with_its_version() -> None:
    """Another shape? Raise the version, then `python -m tests.guards.shapes` adds the new one."""
    then, now = pinned(), shapes()
    assert {key: now[key] for key in now.keys() & then.keys()} == {key: then[key] for key in now.keys() & then.keys()}


def test_every_stored_shape_is_pinned() -> None:
    assert shapes().keys() <= pinned().keys()


def test_a_field_that_is_added_renamed_retyped_or_moved_makes_another_shape() -> None:
    def state(*fields: tuple[str, object]) -> str:
        return shape(make_dataclass("State", fields))

    before = state(("a", int), ("b", tuple[Inner, ...]))
    assert before == "State; State(a: int, b: tuple[Inner, ...]); Inner(phase: Phase | None); Phase('open', 'shut')"
    others = [
        state(("a", int)),
        state(("a", int), ("c", tuple[Inner, ...])),
        state(("a", str), ("b", tuple[Inner, ...])),
        state(("b", tuple[Inner, ...]), ("a", int)),
    ]
    assert before not in others
