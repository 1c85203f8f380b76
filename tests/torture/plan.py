"""What is done to the shop, and when: drawn from a seed before anything begins, so that a seed repeats it."""

from collections.abc import Sequence
from random import Random

from infra.bootstrap.local_stack import PARTS, WITH_KAFKA, labels_of
from tests.torture.lines import LAID
from tests.torture.record import Blow

SERVER, HOUSE, BROKER = "postgresql", "house", "kafka"
KILL, PAUSE, HANG_UP, CROWD, STALL, JUMP = "kill -9", "pause", "hang up", "crowd", "stall", "clock jump"
SILENCE = "silence"
ALL = "all "
"""Before the name of a part that runs several times: all of its workers at once."""

FIRST, SHORTEST, LONGEST = 4.0, 1.0, 6.0
LONG, SHORT = (2.0, 30.0), (1.0, 15.0)
LASTING = (PAUSE, SILENCE, STALL, CROWD)


def range_of(kind: str, target: str) -> tuple[float, float]:
    """How long a blow lasts, in seconds: of holders of leases, beyond their term."""
    part = target.removeprefix(ALL).partition("-")[0]
    return LONG if kind in (PAUSE, SILENCE) and part in (SERVER, BROKER, *LAID) else SHORT


def kinds(workers: int, *, kafka: bool) -> Sequence[tuple[str, Sequence[str], int]]:
    """Kind, targets and weight. `house` is the supervisor with everything it has started."""
    parts = [target for name in PARTS for target in targets_of(name, workers)] + list(WITH_KAFKA if kafka else ())
    several = len(PARTS) + len(WITH_KAFKA if kafka else ())
    return (
        (KILL, parts, 15 * several),
        (KILL, (SERVER,), 12),
        (KILL, (BROKER,), 6 if kafka else 0),
        (KILL, (HOUSE,), 4),
        (PAUSE, parts, 2 * several),
        (PAUSE, (SERVER,), 2),
        (PAUSE, (BROKER,), 2 if kafka else 0),
        (SILENCE, [target for name in LAID for target in targets_of(name, workers)], 8),
        (HANG_UP, ("all",), 6),
        (STALL, ("log",), 4),
        (CROWD, ("all",), 1),
        (JUMP, ("forward", "back"), 3),
    )


def targets_of(name: str, workers: int) -> list[str]:
    """Each worker of a part, and where there are several all of them together."""
    return labels_of(name, workers) + ([f"{ALL}{name}"] if workers > 1 else [])


def without_kafka(blows: Sequence[Blow]) -> list[Blow]:
    """Those that can be struck where there is no broker."""
    return [blow for blow in blows if blow.target not in (*WITH_KAFKA, BROKER)]


def planned(seed: int, seconds: float, workers: int = 1, *, kafka: bool = True) -> list[Blow]:
    """All blows of a run that lasts so many seconds."""
    random, at, blows = Random(seed), FIRST, list[Blow]()
    choice = kinds(workers, kafka=kafka)
    while at < seconds:
        kind, targets, _ = random.choices(choice, [weight for *_, weight in choice])[0]
        target = random.choice(targets)
        lasting = 0.0
        if kind in LASTING:
            shortest, longest = range_of(kind, target)
            lasting = round(shortest + (longest - shortest) * random.random() ** 3, 1)
        blows.append(Blow(round(at, 1), kind, target, lasting))
        at += lasting + SHORTEST + (LONGEST - SHORTEST) * random.random()
    return blows
