"""Appends and tells what was acknowledged: `python -m tests.infra.eventstore.writer URL APPENDS [SUFFIX]`.

Half of its appends go to streams that all such processes share, some of those from the revision that was read.
Each acknowledged append is one line: position, stream, revision of the last event, event ids.
"""

import asyncio
import random
import sys
from uuid import uuid4

from commands.ports import ANY, ConcurrentChange, EventStore, Expected
from infra.eventstore.factory import open_event_store
from tests.infra.eventstore.making import event

AT_ONCE = 8


async def _append(store: EventStore, chosen: random.Random, suffix: str) -> None:
    stream = f"shared-{chosen.randrange(3)}{suffix}" if chosen.random() < 0.5 else f"own-{uuid4()}"
    events = [event() for _ in range(chosen.randint(1, 3))]
    while True:
        expected: Expected = ANY
        if chosen.random() < 0.5:
            read = await store.read(stream)
            expected = read[-1].revision if read else -1
        try:
            at = await store.append(stream, events, expected=expected)
        except ConcurrentChange:
            continue
        sys.stdout.write(f"{at.position} {stream} {at.revision} {' '.join(str(e.event_id) for e in events)}\n")
        sys.stdout.flush()
        return


async def main(url: str, appends: int, suffix: str = "") -> None:
    store = (await open_event_store(url)).store
    chosen, left = random.Random(appends), iter(range(appends))

    async def work() -> None:
        for _ in left:
            await _append(store, chosen, suffix)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
