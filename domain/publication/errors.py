"""Why the publication of an event says no."""

from domain.shared.errors import NotFound


class DeadLetterNotFound(NotFound):
    """No dead letter about the event waits."""
