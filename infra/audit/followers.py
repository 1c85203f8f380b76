"""Proofs about the followers of the log: each stands at an event of this one."""

from collections.abc import Collection, Mapping

from commands.ports import EventStore, Seen
from commands.recognising import refusal
from infra.audit.verdict import Check

CLAIM = "processes and read models stand at events of this log"


async def follower_audit(store: EventStore, followers: Mapping[str, Collection[Seen]]) -> Check:
    """Raises StoreUnavailable."""
    check = Check(CLAIM)
    for name, stands in followers.items():
        for seen in sorted(stands, key=lambda one: one.position):
            check.looked_at += 1
            if (why := await refusal(store.event_at, seen)) is not None:
                check.fail(f"{name}: {why}")
    return check
