"""The workers of a runner: one for each instance that has inputs or had some recently."""

from asyncio import TaskGroup
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from process_managers.engine.delivery import Stopping
from process_managers.engine.inputs import Input
from process_managers.engine.parked_inputs import of_input
from process_managers.engine.process import Process, Reaction, UnknownProcess
from process_managers.engine.services import Services
from process_managers.engine.workers import JournalWorker, ReactionWorker

Key = tuple[str, str]
Worker = JournalWorker | ReactionWorker


@dataclass(slots=True)
class InstancePool:
    """Hands inputs to workers. Each works in a task of its own while something waits for it."""

    services: Services
    processes: dict[str, Process[Any] | Reaction]
    tasks: TaskGroup
    capacity: int
    _journals: OrderedDict[Key, JournalWorker] = field(default_factory=OrderedDict)
    _reactions: dict[Key, ReactionWorker] = field(default_factory=dict)

    def accept(self, process: str, instance: str, given: Input) -> None:
        """Queue an input at the worker of its instance. Its ticket stays open until the input is settled."""
        match self.processes.get(process):
            case Process() as known:
                self._enqueue(self._journal_worker(known, instance), given)
            case Reaction() as known:
                key = (process, instance)
                worker = self._reactions.get(key) or ReactionWorker(self.services, known, instance)
                if worker.busy or not worker.at_once(given):
                    self._reactions[key] = worker
                    self._enqueue(worker, given)
            case None:
                self._park(UnknownProcess(f"No process is called {process}."), process, instance, given)

    def _park(self, fault: Exception, process: str, instance: str, given: Input) -> None:
        """An input of a process that another version has waits until that version is here again."""
        if given.ticket is not None:
            given.ticket.split()

        async def park() -> None:
            parked = of_input(given, process, instance, fault)
            with suppress(Stopping):
                await self.services.park(parked, fault, attempt=given.attempt, correlation_id=given.correlation_id)
                if given.ticket is not None:
                    given.ticket.done()

        self.tasks.create_task(park())

    def _journal_worker(self, process: Process[Any], instance: str) -> JournalWorker:
        key = (process.name, instance)
        if (worker := self._journals.get(key)) is not None:
            self._journals.move_to_end(key)
            return worker
        while len(self._journals) >= self.capacity and (oldest := next(iter(self._journals.values()))).may_go:
            del self._journals[oldest.process.name, oldest.name]
        worker = self._journals[key] = JournalWorker(self.services, process, instance)
        return worker

    def _enqueue(self, worker: Worker, given: Input) -> None:
        if given.ticket is not None:
            given.ticket.split()
        worker.inbox.append(given)
        if not worker.busy:
            worker.busy = True
            self.tasks.create_task(self._work(worker))

    async def _work(self, worker: Worker) -> None:
        try:
            while worker.inbox:
                inputs, worker.inbox = worker.inbox, []
                await self._take(worker, inputs)
                if isinstance(worker, JournalWorker):
                    self.services.processing_lag.note(inputs, self.services.clock())
                for given in inputs:
                    if given.ticket is not None:
                        given.ticket.done()
        except Stopping:
            return
        finally:
            worker.busy = False
            self._reactions.pop((worker.process.name, worker.name), None)

    async def _take(self, worker: Worker, inputs: Sequence[Input]) -> None:
        try:
            await worker.take(inputs)
        except Stopping:
            raise
        except Exception as fault:
            if isinstance(worker, JournalWorker):
                inputs = worker.waiting or inputs  # refusals, too, may be what cannot be taken in
            if len(inputs) > 1:
                for given in inputs:  # one by one, to see which of them it is
                    await self._take(worker, [given])
                return
            (given,) = inputs
            parked = of_input(given, worker.process.name, worker.name, fault)
            await self.services.park(parked, fault, attempt=given.attempt, correlation_id=given.correlation_id)
