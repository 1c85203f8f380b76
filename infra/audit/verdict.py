"""What was proven, and what was not."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from domain.shared.recorded import Position
from infra.audit.stream_heads import HeadDigest

EXAMPLES = 10


@dataclass(slots=True)
class Check:
    """One claim. `excused` are cases that are still on their way, or that staff were asked to look at."""

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

    @contextmanager
    def finding(self, place: str) -> Iterator[None]:
        """Facts that cannot be held against each other (two currencies, a missing part) are a finding, no fault."""
        try:
            yield
        except Exception as error:
            self.fail(f"{place}: {type(error).__name__} {error}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """All claims about the log up to `head`, and the digest of where its streams end there."""

    head: Position
    events: int
    checks: Sequence[Check]
    digest: str

    @property
    def heads(self) -> HeadDigest:
        return HeadDigest(self.digest, self.head)

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)
