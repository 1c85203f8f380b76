"""Who works in the shop: the members of each work, their terms and their pieces, as the tables of leases have them."""

from dataclasses import dataclass
from datetime import datetime

from infra.postgres.readers import Reading

THERE = "select to_regclass('leases.members') is not null as there"
MEMBERS = """
    select work, token, holder, expires_at, expires_at <= clock_timestamp() as ended, array(
        select piece from leases.pieces held where held.work = member.work and held.token = member.token order by piece
    ) as pieces from leases.members member order by work, token limit 1000
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Implements read_api.work_ports.Worker."""

    work: str
    token: int
    holder: str
    expires_at: datetime
    ended: bool
    pieces: tuple[str, ...]


async def workers(connection: Reading) -> list[Worker]:
    """Everybody who takes part in a work. Raises StorageUnavailable."""
    row = await connection.fetchrow(THERE)
    if row is None or not row["there"]:
        return []
    return [Worker(**{**row, "pieces": tuple(row["pieces"])}) for row in await connection.fetch(MEMBERS)]
