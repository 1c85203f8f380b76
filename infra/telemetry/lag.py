"""The distance of a follower of the log from its end."""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple


class Behind(NamedTuple):
    """Positions (events, where they have no gaps) not yet seen, and the age of the oldest in seconds, if known.

    `parked` counts events that could not be taken in, where such are parked.
    `diverged`: the log is another one than was followed, and nothing of it is seen.
    """

    events: int
    seconds: float | None = None
    parked: int | None = None
    diverged: bool = False


Look = Callable[[], Awaitable[Mapping[str, Behind]]]
"""The lag of each follower, by name."""
