"""Log lines as a metric: each warning and error is counted by what it says."""

from opentelemetry import metrics
from structlog.typing import EventDict, WrappedLogger

COUNTED = ("warning", "error", "critical", "exception")


class Counted:
    """A processor of structlog. What our lines say is a constant; what differs is in their fields, not counted here."""

    def __init__(self) -> None:
        self._lines = metrics.get_meter(__name__).create_counter("counterfoil.log.lines", "{line}")

    def __call__(self, _logger: WrappedLogger, level: str, line: EventDict) -> EventDict:
        if level in COUNTED:
            self._lines.add(1, {"level": level, "counterfoil.said": str(line.get("event"))})
        return line
