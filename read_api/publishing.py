"""The publisher, and its dead letters."""

from datetime import datetime

import strawberry

from domain.shared.recorded import Position
from read_api.graphql.context import Info
from read_api.graphql.scalars import Whole
from read_api.work_ports import DeadLetter as Letter


@strawberry.type(
    description="An event that could not be published. POST /dead-letters/{event_id}/resend publishes it again."
)
class DeadLetter:
    position: Position
    stream: str
    revision: Whole
    event_id: strawberry.ID
    type: str = strawberry.field(description="Its stored name.")
    error: str
    asked: Whole = strawberry.field(description="How often it was sent again before.")


@strawberry.type(description="How far the log is published to Kafka, as the publisher has last reported.")
class Publisher:
    position: Position = strawberry.field(description="Everything up to there is published.")
    lag_events: Whole
    trouble: str | None = strawberry.field(description="What keeps it from publishing.")
    reported_at: datetime
    silent: bool = strawberry.field(description="Whether it has reported nothing for 15 s: none is at work.")
    waiting: Whole = strawberry.field(description="How many dead letters wait. Counted every 30 s.")
    dead_letters: list[DeadLetter] = strawberry.field(description="The first 50 of them, oldest event first.")


async def find_publisher(info: Info) -> Publisher | None:
    history = info.context.ports.history
    if (now := await history.publishing()) is None:
        return None
    return Publisher(
        position=now.position,
        lag_events=Whole(max(0, await history.head() - now.position)),
        trouble=now.trouble,
        reported_at=now.reported_at,
        silent=now.silent,
        waiting=Whole(now.waiting),
        dead_letters=[_letter(it) for it in now.letters],
    )


def _letter(it: Letter) -> DeadLetter:
    return DeadLetter(
        position=Position(it.position),
        stream=it.stream,
        revision=Whole(it.revision),
        event_id=strawberry.ID(it.event_id),
        type=it.type,
        error=it.error,
        asked=Whole(it.asked),
    )
