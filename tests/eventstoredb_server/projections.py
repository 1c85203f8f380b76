"""Which projections there are. The standard ones run; queries in JavaScript are kept, but nobody runs them."""

import asyncio
import json
from dataclasses import asdict, dataclass, field
from uuid import uuid4

from grpc import StatusCode

from .log import Log
from .record import Proposed
from .refusals import RpcRefusal
from .standard_projections import STANDARD, Emitter

STREAM = "$projections-"
UPDATED = "$ProjectionUpdated"


@dataclass(slots=True)
class Projection:
    """A projection as it is kept. A standard one has no query of its own."""

    name: str
    query: str = ""
    mode: str = "Continuous"
    enabled: bool = False
    emit_enabled: bool = False
    deleted: bool = False
    version: int = 0
    aborted: bool = field(default=False)

    @property
    def status(self) -> str:
        return "Running" if self.enabled else "Aborted" if self.aborted else "Stopped"


def unexpected(expected: str, received: str) -> RpcRefusal:
    details = f"Envelope callback expected {expected}, received {received} instead"
    return RpcRefusal(StatusCode.UNKNOWN, details)


class Projections:
    """Every change is an event of the stream `$projections-<name>`, so that a restart knows them again."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._projections = {name: Projection(name) for name in STANDARD}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._emitters: dict[str, Emitter] = {}
        self._started = False

    def start(self) -> None:
        if self._started:
            return
        self._started = True
        for stream, written in self._log.streams.items():
            if stream.startswith(STREAM) and written[-1].type == UPDATED:
                projection = Projection(**json.loads(written[-1].data))
                self._projections[projection.name] = projection
        for projection in self._projections.values():
            self._run_or_stop(projection)

    def stop(self) -> None:
        for task in self._running.values():
            task.cancel()
        self._running, self._emitters, self._started = {}, {}, False

    def find(self, name: str, expected: str = "Updated") -> Projection:
        self.start()
        projection = self._projections.get(name)
        if projection is None or projection.deleted:
            raise unexpected(expected, "NotFound")
        return projection

    def all(self) -> list[Projection]:
        self.start()
        return [projection for projection in self._projections.values() if not projection.deleted]

    def create(self, projection: Projection) -> None:
        self.start()
        known = self._projections.get(projection.name)
        if known and not known.deleted:
            raise unexpected("Updated", "Conflict")
        self._change(projection)

    def update(self, name: str, query: str, emit_enabled: bool | None) -> None:
        projection = self.find(name)
        projection.query = query
        projection.version += 1
        if emit_enabled is not None:
            projection.emit_enabled = emit_enabled
        self._change(projection)

    def delete(self, name: str) -> None:
        projection = self.find(name)
        if name in STANDARD or projection.enabled:
            raise unexpected("Updated", "OperationFailed")
        projection.deleted = True
        self._change(projection)

    def enable(self, name: str, *, enabled: bool, aborted: bool = False) -> None:
        projection = self.find(name)
        projection.enabled, projection.aborted = enabled, aborted
        self._change(projection)

    def processed(self, name: str) -> int:
        emitter = self._emitters.get(name)
        return emitter.index if emitter else 0

    def place(self, name: str) -> int:
        return self._log.position_at(max(self.processed(name) - 1, 0)) if self._log.records else 0

    def _change(self, projection: Projection) -> None:
        self._projections[projection.name] = projection
        data = json.dumps(asdict(projection)).encode()
        self._log.write(f"{STREAM}{projection.name}", [Proposed(id=uuid4(), type=UPDATED, data=data)])
        self._run_or_stop(projection)

    def _run_or_stop(self, projection: Projection) -> None:
        name = projection.name
        if name not in STANDARD:
            return
        if projection.enabled and name not in self._running:
            self._emitters[name] = Emitter(self._log, name)
            self._running[name] = asyncio.ensure_future(self._run(self._emitters[name]))
        elif not projection.enabled and name in self._running:
            self._running.pop(name).cancel()

    async def _run(self, emitter: Emitter) -> None:
        while True:
            emitter.run()
            await self._log.grows_beyond(emitter.index)
