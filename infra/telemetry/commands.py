"""What processes ask for, measured."""

import time

from opentelemetry import metrics, trace
from opentelemetry.trace import Status, StatusCode

from commands.ports import Appended
from domain.shared.errors import DomainError
from domain.shared.messages import name_of
from domain.shared.recorded import Metadata
from infra.telemetry.tracing import within
from process_managers.engine.ports import Commands

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30)


class ObservedCommands:
    """Implements process_managers.engine.ports.Commands on another one: how long each took, and how it ended."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self._tracer = trace.get_tracer(__name__)
        self._duration = metrics.get_meter(__name__).create_histogram(
            "counterfoil.process.command.duration", "s", explicit_bucket_boundaries_advisory=SECONDS
        )

    async def __call__(self, command: object, metadata: Metadata, /) -> Appended | None:
        name, began, outcome = name_of(command), time.perf_counter(), "done"
        about = {"counterfoil.command": name, "counterfoil.actor": metadata.actor}
        with self._tracer.start_as_current_span(name, within(metadata.correlation_id), attributes=about) as span:
            try:
                return await self._commands(command, metadata)
            except DomainError as refusal:
                outcome = "refused"
                span.set_attribute("counterfoil.refusal", type(refusal).__name__)
                raise
            except Exception as error:
                outcome = "failed"
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise
            finally:
                self._duration.record(time.perf_counter() - began, {**about, "counterfoil.outcome": outcome})
