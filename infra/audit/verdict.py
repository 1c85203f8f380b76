"""What was proven, and what was not."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.shared.recorded import Position

EXAMPLES = 10


@dataclass(slots=True)
class Check:
    """One claim. `excused` are cases that are still on their way, or that somebody has been asked to look at."""

    claim: str
    looked_at: int = 0
    excused: int = 0
    failures: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.failures == 0

    def fail(self, what: str) -> None:
        self.failures += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(what)


@dataclass(frozen=True, slots=True)
class Verdict:
    """All claims about the log up to `head`."""

    head: Position
    events: int
    checks: Sequence[Check]

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)
