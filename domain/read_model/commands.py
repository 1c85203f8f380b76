"""What can be asked of a read model."""

from domain.shared.messages import command


@command("read_model.rebuild.v1")
class RebuildReadModel:
    """Make a read model anew from the log, and let readers move to it."""

    name: str
    reason: str


ReadModelCommand = RebuildReadModel
