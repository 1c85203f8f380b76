"""How far the processes are, for those who look."""

from dataclasses import dataclass
from datetime import datetime

from domain.shared.recorded import START, Position
from infra.postgres.readers import Reading
from infra.processes.progress import POSITIONS
from process_managers.engine.partitions import ALL

THERE = "select to_regclass('processes.process_progress') is not null as there"
LATENESS = """
    select max(seconds) as seconds, coalesce(sum(under_way), 0) as under_way, max(told_at) as told_at
      from processes.lateness where told_at > clock_timestamp() - interval '10 seconds'
"""
TIMERS = "select count(*) as timers, min(due) as next from processes.timers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Implements read_api.work_ports.Processing."""

    position: Position = START
    seconds: float | None = None
    under_way: int = 0
    told_at: datetime | None = None
    timers: int = 0
    next_timer: datetime | None = None


async def standing(connection: Reading) -> Standing:
    """As it is now. Raises StorageUnavailable."""
    row = await connection.fetchrow(THERE)
    if row is None or not row["there"]:
        return Standing()
    positions = await connection.fetch(POSITIONS, [f"processes/{partition}" for partition in sorted(ALL)])
    late, timers = await connection.fetchrow(LATENESS), await connection.fetchrow(TIMERS)
    assert late is not None
    assert timers is not None
    return Standing(
        position=Position(min(row["position"] for row in positions)),
        seconds=late["seconds"],
        under_way=late["under_way"],
        told_at=late["told_at"],
        timers=timers["timers"],
        next_timer=timers["next"],
    )
