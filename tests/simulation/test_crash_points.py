"""One purchase after the other, with a crash at every single point: journal, delivery, gateway, checkpoint, timer.

The undisturbed course of a story tells how many points there are; then it is told once for each of them, and the
processes die there, start again from what was stored and finish. The same invariants hold as in the simulation.
"""

from collections.abc import Mapping

import pytest

from process_managers.engine.watermark import Watermark
from tests.simulation.simulate import simulate
from tests.simulation.world import Variant, World

STORIES: Mapping[int, tuple[str, ...]] = {
    0: ("payment.failed", "payment.voided", "cart.cancellation_requested", "order.completed"),
    5: ("order.line_cancelled", "ATTENTION"),
    10: ("shipment.short_picked", "order.line_cancelled", "order.cancelled", "payment.voided"),
    21: ("cart.cancellation_requested", "order.cancelled", "payment.refunded"),
    29: ("payment.capture_failed", "process.timer_fired", "ATTENTION"),
    30: ("stock.reservation_declined", "cart.reopened"),
    38: ("process.timer_fired", "stock.reservation_released", "order.completed"),
    47: ("process.timer_fired", "cart.reopened", "payment.voided"),
    55: ("payment.action_required", "stock.reservation_extended", "payment.failed", "process.timer_fired"),
    57: ("cart.cancellation_requested", "order.cancelled", "payment.voided"),
    66: ("payment.action_required", "cart.cancellation_requested", "cart.reopened", "order.completed"),
    133: ("order.line_cancelled", "payment.refunded"),
}
"""Seeds, and what happens in their stories; when a seed tells another story, look for one that tells the old one."""

KINDS = {"append?", "append!", "command?", "command!", "advance?", "advance!", "fired?", "fired!", "read?", "page!"}


def told(seed: int, crash_at: int | None = None) -> World:
    return simulate(seed, Variant(shoppers=1, calm=True, crash_at=crash_at))


@pytest.mark.parametrize("seed", STORIES)
def test_a_crash_at_any_point_of_a_purchase_loses_nothing_and_repeats_nothing(seed: int) -> None:
    undisturbed = told(seed)
    assert [word for word in STORIES[seed] if word not in undisturbed.story.about("")] == []
    for at in range(1, len(undisturbed.chaos.passed) + 1):
        assert f"processes die at {undisturbed.chaos.passed[at - 1]}" in told(seed, at).story.about("")


def test_the_stories_pass_every_kind_of_point() -> None:
    passed = [point for seed in STORIES for point in told(seed).chaos.passed]
    assert set(passed) == KINDS
    assert len(passed) > 1500


def test_a_checkpoint_before_delivery_is_found_at_one_of_the_points(monkeypatch: pytest.MonkeyPatch) -> None:
    points = len(told(0).chaos.passed)
    monkeypatch.setattr(Watermark, "low", property(lambda self: self.high))
    with pytest.raises(AssertionError, match="crash"):
        [told(0, at) for at in range(1, points + 1)]
