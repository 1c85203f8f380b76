"""What a load generator is told on its standard input, and what it answers."""

from collections.abc import Sequence

import msgspec


class Good(msgspec.Struct, frozen=True):
    """A product that is on sale by the piece."""

    sku: str
    product_id: str
    cents: int
    category_id: str | None


class Job(msgspec.Struct, kw_only=True):
    """Closed loop: `at_once` visits under way all the time. Open loop: `rate` visits begin every second, come what may.

    A visit that takes longer than `patience` seconds is an error.
    """

    visit: str
    at_once: int = 0
    rate: float = 0.0
    seconds: float = 5.0
    warm: float = 1.0
    connections: int = 256
    patience: float = 15.0
    write_port: int = 0
    read_port: int = 0
    secret: str = ""
    goods: str = ""
    seed: int = 1


class Outcome(msgspec.Struct, kw_only=True):
    """What came of it. `cpu` is the generator's own processor time in seconds."""

    completed: int
    seconds: float
    latencies_ms: Sequence[float]
    errors: dict[str, int]
    cpu: float
