"""The simulation is only worth its time if it finds bugs: here are some of the kind that shops really have."""

import pytest

from process_managers.engine.watermark import Watermark
from process_managers.registry import PROCESSES
from tests.simulation.bugs import NewKeys, forgetting
from tests.simulation.simulate import simulate
from tests.simulation.world import Variant

ENOUGH = 100


def found(variant: Variant) -> str:
    """What the first seed to find it says of the bug."""
    for seed in range(ENOUGH):
        try:
            simulate(seed, variant)
        except AssertionError as broken:
            return str(broken)
    return pytest.fail(f"{ENOUGH} seeds did not find it.")


def test_a_forgotten_release_is_found() -> None:
    assert "Units are held for nobody" in found(Variant(processes=tuple(map(forgetting, PROCESSES))))


def test_a_checkpoint_before_delivery_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watermark, "low", property(lambda self: self.high))
    assert "seed" in found(Variant())


def test_a_charge_that_is_repeated_with_a_new_key_is_found() -> None:
    assert "are held at the gateway" in found(Variant(at_gateway=NewKeys))


def test_without_a_bug_nothing_is_found() -> None:
    for seed in range(10):
        simulate(seed)
