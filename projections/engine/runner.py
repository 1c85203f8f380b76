"""Feed every build of every read model from the log, one reading for all that stand at the same position."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog

from domain.shared.frozen import replace
from domain.shared.recorded import EventView, Position
from projections.engine.builds import Build, Builds, CheckpointMoved
from projections.engine.dispatch import dispatched
from projections.engine.parking import Intake, concerns
from projections.engine.ports import AnotherLog, Batch, FedTables, Log, StorageUnavailable
from projections.engine.projection import Projection

PAUSE = 1.0
LOOK_AGAIN = 30.0
NOT_FOLLOWED = "Made from another log: "
NEAR = 200_000
"""So many positions of the log take a few seconds."""

log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class BuildGroup:
    """Builds that stand at the same position, and the log from there on; one batch is prepared ahead."""

    position: Position
    event_id: UUID | None
    builds: list[Build]
    batches: AsyncGenerator[Batch]
    ahead: asyncio.Task[Batch] = field(init=False)

    def __post_init__(self) -> None:
        self._look_ahead()

    def take(self) -> Batch:
        batch = self.ahead.result()
        self._look_ahead()
        return batch

    def _look_ahead(self) -> None:
        self.ahead = asyncio.ensure_future(anext(self.batches))

    async def close(self) -> None:
        self.ahead.cancel()
        await asyncio.wait([self.ahead])
        await self.batches.aclose()


class Runner:
    """Takes read models through the log, without an end; only one runner may work on the same builds.

    A batch reaches all builds of a lane in one transaction with their checkpoints. If that fails, each build gets the
    batch in a transaction of its own, and the events that it cannot take in are looked for and parked there, with
    their streams (`projections.engine.parking`). A build that cannot be helped so is marked as failed and stands still
    until the runner is started again or the read model is rebuilt, and the others go on.

    Builds that lag catch up beside the first lane, batch by batch in turn with it, and join it where they meet. Those
    of them that have only just gone ahead wait for those that are NEAR behind: read models that are rebuilt one after
    the other read the log together.

    A build belongs to the version of the code that made it. When a read model has a new version, `run` makes a new
    build and feeds it from event zero. The build of the old version stands still, for the code that could feed it is
    gone: readers go on reading it, and learn how far it is, until the new one has caught up. To keep the old one moving
    until then, leave the old Projection beside the new one in the catalogue. Builds of a version that the code knows
    are fed until they are dropped, active or not, so that a switch back finds them where the log stands.
    """

    def __init__(self, projections: Sequence[Projection], log: Log, builds: Builds) -> None:
        self._projections = {(projection.name, projection.version): projection for projection in projections}
        self._hears = {key: frozenset(projection.handles) for key, projection in self._projections.items()}
        self._log = log
        self._builds = builds
        self._failed = set[str]()
        self._held = dict[str, Set[str]]()

    async def run(self) -> None:
        """Work until cancelled."""
        prepared = False
        while True:
            try:
                if not prepared:
                    await self._builds.prepare(list(self._projections.values()))
                    prepared = True
                await self._until_changed()
            except CheckpointMoved as reason:
                log.info("checkpoints moved", reason=str(reason))
            except AnotherLog as error:
                log.error("log not followed", reason=str(error))
            except StorageUnavailable as error:
                log.warning("read models unavailable", error=repr(error.__cause__))
                await asyncio.sleep(PAUSE)

    async def _until_changed(self) -> None:
        self._held = {schema: frozenset(streams) for schema, streams in (await self._builds.held()).items()}
        known = await self._builds.known()
        builds = await self._recognised(known)
        groups = self._groups(builds)
        changed = asyncio.ensure_future(self._changed(within=None if len(builds) == len(known) else LOOK_AGAIN))
        try:
            while not changed.done():
                going = [group.ahead for group in groups if not _waits(group, groups)]
                await asyncio.wait([changed, *going], return_when=asyncio.FIRST_COMPLETED)
                await self._turn(groups)
                groups = await _joined(groups)
            changed.result()
        finally:
            changed.cancel()
            for group in groups:
                await group.close()

    async def _changed(self, within: float | None) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._builds.changed()

    async def _recognised(self, builds: Sequence[Build]) -> Sequence[Build]:
        """Those that were made from this log; the others are marked as failed, and looked at again later."""
        ours = list[Build]()
        for build in builds:
            try:
                event_id = await self._log.recognise(build.position, build.event_id)
            except AnotherLog as error:
                log.error("log not followed", build=build.schema, reason=str(error))
                await self._builds.fail(build, f"{NOT_FOLLOWED}{error}")
                continue
            if build.event_id != event_id or (build.error or "").startswith(NOT_FOLLOWED):
                await self._builds.recognised(build, event_id)
            ours.append(replace(build, event_id=event_id))
        return ours

    def _groups(self, builds: Iterable[Build]) -> list[BuildGroup]:
        standing = defaultdict[Position, list[Build]](list)
        for build in builds:
            if (build.name, build.version) in self._projections and build.schema not in self._failed:
                standing[build.position].append(build)
        return [
            BuildGroup(position, there[0].event_id, there, self._log.follow(position))
            for position, there in sorted(standing.items(), reverse=True)
        ]

    async def _turn(self, groups: list[BuildGroup]) -> None:
        """A batch for each lane that has one; no lane overtakes the lane in front."""
        for front, group in zip([None, *groups], groups, strict=False):
            if group.ahead.done() and not _waits(group, groups):
                batch = group.take()
                await self._advance(group, batch.until(front.position, front.event_id) if front else batch)

    async def _advance(self, group: BuildGroup, batch: Batch) -> None:
        try:
            await self._apply(group.builds, group.position, batch)
        except (CheckpointMoved, StorageUnavailable):
            raise
        except Exception as error:
            log.warning("batch refused", position=group.position, error=repr(error))
            await self._one_by_one(group, batch)
        group.position, group.event_id = batch.position, batch.event_id

    async def _one_by_one(self, group: BuildGroup, batch: Batch) -> None:
        for build in list(group.builds):
            try:
                await self._apply([build], group.position, batch, carefully=True)
            except (CheckpointMoved, StorageUnavailable):
                raise
            except Exception as error:
                log.exception("read model failed", build=build.schema, position=group.position)
                self._failed.add(build.schema)
                group.builds.remove(build)
                await self._builds.fail(build, f"{type(error).__name__}: {error}")

    async def _apply(self, builds: Sequence[Build], start: Position, batch: Batch, *, carefully: bool = False) -> None:
        heard = dispatched(batch.facts, [self._hears[build.name, build.version] for build in builds])
        intakes = {build.schema: self._intake(build, batch) for build in builds}
        async with self._builds.moving(builds, start, batch.position, batch.event_id) as tables:
            for build, facts in zip(builds, heard, strict=True):
                intake = intakes[build.schema]
                if carefully:
                    await self._take_in(build, facts, intake, tables[build.schema])
                elif going := intake.going(facts) if intake.held or intake.parked else facts:
                    await self._projections[build.name, build.version].project(going, tables[build.schema])
                if intake.parked or intake.behind:
                    await self._builds.park(build, intake)
        self._keep(intakes)

    def _intake(self, build: Build, batch: Batch) -> Intake:
        intake = Intake(self._held.get(build.schema, frozenset()))
        projection = self._projections[build.name, build.version]
        intake.read([it for it in batch.unread if concerns(it, projection)])
        return intake

    async def _take_in(self, build: Build, facts: Sequence[EventView[Any]], intake: Intake, tables: FedTables) -> None:
        """Take in all but what raises, which is found by halves."""
        if not (going := intake.going(facts)):
            return
        try:
            async with self._builds.attempt():
                await self._projections[build.name, build.version].project(going, tables)
        except (CheckpointMoved, StorageUnavailable):
            raise
        except Exception as fault:
            if len(going) == 1:
                intake.fail(going[0], fault)
                return
            half = len(going) // 2
            await self._take_in(build, going[:half], intake, tables)
            await self._take_in(build, going[half:], intake, tables)

    def _keep(self, intakes: Mapping[str, Intake]) -> None:
        for schema, intake in intakes.items():
            if intake.parked:
                self._held[schema] = frozenset({*intake.held, *intake.parked})
            for it in intake.parked.values():
                place = {"build": schema, "stream": it.stream, "position": it.position, "type": it.type}
                log.error("event parked", **place, error=it.error, exc_info=it.fault)


def _waits(group: BuildGroup, groups: Sequence[BuildGroup]) -> bool:
    """Whether a lane behind is near. The first lane, which readers use, never waits."""
    return group is not groups[0] and any(group.position - NEAR <= other.position < group.position for other in groups)


async def _joined(groups: list[BuildGroup]) -> list[BuildGroup]:
    """Lanes that have met become one; a lane without builds ends."""
    apart = list[BuildGroup]()
    for group in groups:
        if not group.builds:
            await group.close()
        elif apart and group.position == apart[-1].position:
            apart[-1].builds += group.builds
            await group.close()
        else:
            apart.append(group)
    return apart
