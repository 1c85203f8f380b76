"""What is done to the shop, and when: drawn from a seed before anything begins, so that a seed repeats it."""

from collections.abc import Sequence
from random import Random

from infra.shop import PARTS
from tests.torture.record import Blow

SERVER, HOUSE = "postgresql", "house"
KILL, PAUSE, HANG_UP, CROWD, STALL, JUMP = "kill -9", "pause", "hang up", "crowd", "stall", "clock jump"

KINDS: Sequence[tuple[str, Sequence[str], int]] = (
    (KILL, PARTS, 60),
    (KILL, (SERVER,), 12),
    (KILL, (HOUSE,), 4),
    (PAUSE, PARTS, 8),
    (PAUSE, (SERVER,), 2),
    (HANG_UP, ("all",), 6),
    (STALL, ("log",), 4),
    (CROWD, ("all",), 1),
    (JUMP, ("forward", "back"), 3),
)
"""Kind, targets and weight. `house` is the supervisor with everything it has started."""

FIRST, SHORTEST, LONGEST = 4.0, 1.0, 6.0
PAUSES = {SERVER: (2.0, 30.0), "other": (1.0, 15.0)}


def planned(seed: int, seconds: float) -> list[Blow]:
    """All blows of a run that lasts so many seconds."""
    random, at, blows = Random(seed), FIRST, list[Blow]()
    while at < seconds:
        kind, targets, _ = random.choices(KINDS, [weight for *_, weight in KINDS])[0]
        target = random.choice(targets)
        lasting = 0.0
        if kind in (PAUSE, STALL, CROWD):
            shortest, longest = PAUSES.get(target, PAUSES["other"])
            lasting = round(shortest + (longest - shortest) * random.random() ** 3, 1)
        blows.append(Blow(round(at, 1), kind, target, lasting))
        at += lasting + SHORTEST + (LONGEST - SHORTEST) * random.random()
    return blows
