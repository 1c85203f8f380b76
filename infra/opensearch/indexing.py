"""Keep an index equal to the read model: copy what changed, note how far, point readers to it when it is whole.

A document's version is the position at which its row changed, so a late or repeated write never undoes a newer one. The
checkpoint lies in the index itself: an index that is lost, or restored from yesterday, goes on from what it holds.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
import structlog
from opensearchpy import AsyncOpenSearch
from opensearchpy.exceptions import NotFoundError

from commands.ports import LogDiverged, Seen, StoreUnavailable
from commands.recognising import ADVICE, EventAt, recognise
from domain.shared.backoff import Backoff
from domain.shared.recorded import Position
from infra.opensearch.client import translated
from infra.opensearch.mapping import FINGERPRINT, INDEX, document
from infra.opensearch.source import Copied, Place, Source, SourceBuild
from projections.engine.ports import StorageUnavailable
from projections.search.question import SearchUnavailable

BATCH = 1_000
LOOK_EVERY = 0.5
AGAIN_AFTER, LOOK_AGAIN = 1.0, 30.0
CHECKPOINT = "checkpoint"
BUSY = (429, 503)
TRIES, WHEN_BUSY = 8, Backoff(0.1, 12.8)

log = structlog.get_logger()


class NotIndexed(Exception):
    """OpenSearch refuses all documents of a request for good."""


class Checkpoint(msgspec.Struct, frozen=True):
    """The place of the last copied row, and the position of the read model up to which nothing is missing.

    `event_id` is of the last event of the log up to `reached`; None: not known.
    """

    place: Place
    reached: int
    event_id: UUID | None = None

    @property
    def seen(self) -> Seen:
        return Seen(Position(self.reached), self.event_id)


def alias_of(prefix: str) -> str:
    """What readers ask."""
    return f"{prefix}-search"


@dataclass(slots=True)
class Indexer:
    """Only one may work under a prefix. Another `fingerprint` means another index.

    The log that an index was made from is looked at, by `event_at`, when work begins and after each failure.
    """

    client: AsyncOpenSearch
    source: Source
    prefix: str
    event_at: EventAt
    fingerprint: str = FINGERPRINT
    _recognised: str | None = None
    _noted: Checkpoint | None = None

    async def run(self) -> None:
        """Follow the read model until cancelled, through all failures of either side."""
        while True:
            try:
                await self.catch_up()
                await asyncio.sleep(LOOK_EVERY)
            except LogDiverged as error:
                log.error("log not followed", follower="search index", reason=str(error), advice=ADVICE)
                await asyncio.sleep(LOOK_AGAIN)
            except (SearchUnavailable, StorageUnavailable, StoreUnavailable) as error:
                self._recognised = None
                log.warning("search index stands still", error=str(error) or repr(error.__cause__))
                await asyncio.sleep(AGAIN_AFTER)
            except Exception:
                self._recognised = None
                log.exception("search index stands still")
                await asyncio.sleep(AGAIN_AFTER)

    async def catch_up(self) -> int:
        """Copy all that changed; answers how many rows.

        Raises SearchUnavailable, StorageUnavailable, StoreUnavailable, LogDiverged, NotIndexed.
        """
        build = await self.source.active()
        if build is None:
            return 0
        with translated():
            index = await self._prepared(build)
            at, copied = await self._checkpoint(index), 0
            if self._recognised != index:
                await recognise(self.event_at, at.seen)
                self._recognised = index
            while True:
                reached = await self.source.reached(build)
                rows = await self.source.changed(build, at.place, BATCH)
                if not rows:
                    break
                await self._store(index, rows)
                at, copied = Checkpoint(rows[-1].place, at.reached, at.event_id), copied + len(rows)
                await self._note(index, at)
            await self._note(index, Checkpoint(at.place, reached.position, reached.event_id))
            await self._show(index)
        return copied

    async def _prepared(self, build: SourceBuild) -> str:
        """The index of this build and this mapping, made if there is none."""
        index = f"{alias_of(self.prefix)}-b{build.number}-{build.made}-{self.fingerprint}"
        if not await self.client.indices.exists(index=index):
            aliases = {_for_writing(index): {"is_write_index": True}}
            await self.client.indices.create(index=index, body={**INDEX, "aliases": aliases})
            self._noted = None
            log.info("search index begun", index=index)
        return index

    async def _checkpoint(self, index: str) -> Checkpoint:
        try:
            found = await self.client.get(index=index, id=CHECKPOINT)
        except NotFoundError:
            return Checkpoint(Place(), 0)
        return msgspec.json.decode(found["_source"][CHECKPOINT], type=Checkpoint)

    async def _note(self, index: str, checkpoint: Checkpoint) -> None:
        if checkpoint != self._noted:
            text = msgspec.json.encode(checkpoint).decode()
            await self._send(index, [({"index": {"_id": CHECKPOINT}}, {CHECKPOINT: text})])
            self._noted = checkpoint

    async def _store(self, index: str, rows: Sequence[Copied]) -> None:
        actions: list[tuple[object, object | None]] = []
        for row in rows:
            it = {"_id": f"{row.place.product_id}~{row.place.stretch}"}
            about = it | {"version": row.place.position, "version_type": "external"}
            if row.entry is None:
                actions.append(({"delete": about}, None))
            else:
                actions.append(({"index": about}, document(row.entry, row.product)))
        await self._send(index, actions)

    async def _send(self, index: str, actions: Sequence[tuple[object, object | None]]) -> None:
        """One request. What OpenSearch is too busy for is sent again; 409 means a newer write, or the same.

        Documents that are refused are left out, and logged. Raises NotIndexed when all of them are: then it is not
        about one document, and nothing may be counted as copied.
        """
        left = list(actions)
        for attempt in range(TRIES):
            lines = [msgspec.json.encode(line) for action in left for line in action if line is not None]
            answer = await self.client.bulk(
                body=b"\n".join((*lines, b"")), params={"index": _for_writing(index), "require_alias": "true"}
            )
            statuses = [(action, *_status(item)) for action, item in zip(left, answer["items"], strict=True)]
            if any(status == 404 and error for _, status, error in statuses):
                raise SearchUnavailable("The index is gone.")
            refused = [(action, error) for action, status, error in statuses if error and status not in (409, *BUSY)]
            if refused and len(refused) == len(left):
                raise NotIndexed(f"{refused[0][0][0]}: {refused[0][1]}")
            for action, error in refused:
                log.error("document not indexed", document=action[0], error=error)
            left = [action for action, status, _ in statuses if status in BUSY]
            if not left:
                return
            await asyncio.sleep(WHEN_BUSY.pause(attempt + 1))
        raise SearchUnavailable("OpenSearch is busy.")

    async def _show(self, index: str) -> None:
        """Let readers read this index, and forget those before it."""
        alias = alias_of(self.prefix)
        if await self.client.indices.exists_alias(name=alias, index=index):
            return
        await self.client.indices.refresh(index=index)
        add = {"add": {"index": index, "alias": alias}}
        others = [name for name in await self.client.indices.get(index=f"{alias}-b*") if name != index]
        gone = [{"remove_index": {"index": name}} for name in others]
        await self.client.indices.update_aliases(body={"actions": [add, *gone]})
        log.info("search index shown", index=index, forgotten=others)


def _for_writing(index: str) -> str:
    """Written to by its alias only, so that a write never makes an index again that was just deleted."""
    return f"{index}-w"


def _status(item: dict[str, dict[str, object]]) -> tuple[int, object]:
    (outcome,) = item.values()
    status = outcome["status"]
    assert isinstance(status, int)
    return status, outcome.get("error")
