"""What can happen to a read model by the hand of a person."""

from domain.shared.messages import event


@event("read_model.rebuild_requested.v1")
class RebuildRequested:
    """The read model is to be made anew from the log; readers move to it when it has caught up."""

    name: str
    reason: str


ReadModelEvent = RebuildRequested
