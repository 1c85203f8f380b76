"""How far each build is behind the log, in events and in seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from commands.ports import Codec, EventStore
from domain.shared.recorded import Position
from projections.builds import Build


@dataclass(frozen=True, slots=True)
class Lag:
    """`seconds` is the age of the oldest event that the build has not seen."""

    build: Build
    events: int
    seconds: float


async def lag(builds: Sequence[Build], store: EventStore, codec: Codec) -> Sequence[Lag]:
    """The lag of each build now. Raises StoreUnavailable."""
    head = await store.head()
    ages = {position: await _age(store, codec, position) for position in {build.position for build in builds}}
    return [Lag(build, max(head - build.position, 0), ages[build.position]) for build in builds]


async def _age(store: EventStore, codec: Codec, after: Position) -> float:
    page = await store.read_all(after=after, limit=1)
    if not page.records:
        return 0.0
    return max((datetime.now(UTC) - codec.understand(page.records[0]).recorded_at).total_seconds(), 0.0)
