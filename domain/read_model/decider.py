"""Each request to rebuild a read model is recorded; whether one is under way is known outside of the log."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.read_model.commands import ReadModelCommand
from domain.read_model.events import ReadModelEvent, RebuildRequested
from domain.shared import require
from domain.shared.decider import Decider

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class ReadModel:
    """How often it was asked to be rebuilt."""

    rebuilds: int = 0


def decide(_: ReadModel, command: ReadModelCommand) -> Sequence[ReadModelEvent]:
    require.code(command.name, "name")
    require.reason(command.reason, LONGEST_REASON)
    return [RebuildRequested(name=command.name, reason=command.reason)]


def evolve(model: ReadModel, _: ReadModelEvent) -> ReadModel:
    return ReadModel(model.rebuilds + 1)


read_model_decider = Decider(initial=ReadModel(), decide=decide, evolve=evolve)
