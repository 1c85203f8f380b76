"""Which worker runs which file, also after one of them has died."""

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController


class Files(LoadFileScheduling):  # type: ignore[misc]
    """A file at a time, as the library does it, but no worker is left waiting.

    A worker runs a test when it knows the next one, and is given more when one ends. What a dead worker leaves behind
    comes back with its finished files, which bring nothing to run, and the rest may be one test: in both cases the
    library waits for a worker that waits for the library.
    """

    def _reschedule(self, node: WorkerController) -> None:
        super()._reschedule(node)
        while not node.shutting_down and self._pending_of(self.assigned_work[node]) < 2:
            super()._reschedule(node)
