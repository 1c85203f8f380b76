"""How far each build is behind the log, in events and in seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from commands.ports import EventStore, Record, Seen
from commands.recognising import refusal
from domain.shared.frozen import replace
from domain.shared.recorded import START, Position
from infra.serialization.codec import recorded_at
from projections.engine.builds import Build
from projections.engine.runner import NOT_FOLLOWED

SAMPLE = 100


@dataclass(frozen=True, slots=True)
class Lag:
    """`seconds` is the age of the oldest event that the build has not seen.

    Where positions have gaps, `events` is estimated from the density of the next events.
    """

    build: Build
    events: int
    seconds: float

    @property
    def diverged(self) -> bool:
        """Whether the log is another one than the build was made from."""
        return (self.build.error or "").startswith(NOT_FOLLOWED)


async def lag(builds: Sequence[Build], store: EventStore) -> Sequence[Lag]:
    """The lag of each build now. One of another log has failed, and all of this log is ahead of it.

    Raises StoreUnavailable.
    """
    head = await store.head()
    stand = {build: Seen(build.position, build.event_id) for build in builds}
    refused = {seen: await refusal(store.event_at, seen) for seen in set(stand.values())}
    behind = {
        seen: await _behind(store, START if refused[seen] else seen.position, head) for seen in set(stand.values())
    }
    return [Lag(_judged(build, refused[seen]), *behind[seen]) for build, seen in stand.items()]


def _judged(build: Build, refused: str | None) -> Build:
    return build if refused is None else replace(build, error=f"{NOT_FOLLOWED}{refused}")


async def _behind(store: EventStore, after: Position, head: Position) -> tuple[int, float]:
    page = await store.read_all(after=after, limit=SAMPLE)
    if not page.records or head <= after:
        return 0, 0.0
    age = _age(page.records[0])
    if head <= page.position:
        return sum(record.position <= head for record in page.records), max(age, 0.0)
    return round(len(page.records) * (head - after) / (page.position - after)), max(age, 0.0)


def _age(record: Record) -> float:
    """Seconds; 0 for a record with foreign metadata."""
    try:
        return (datetime.now(UTC) - recorded_at(record)).total_seconds()
    except ValueError:
        return 0.0
