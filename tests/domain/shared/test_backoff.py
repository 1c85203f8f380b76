"""Pauses double from the first to the longest."""

from domain.shared.backoff import Backoff


def test_pauses_double_up_to_the_longest_and_stay_there() -> None:
    backoff = Backoff(0.25, 3.0)
    assert [backoff.pause(failures) for failures in (1, 2, 3, 4, 5, 6, 10_000)] == [0.25, 0.5, 1.0, 2.0, 3.0, 3.0, 3.0]
