"""One trace for everything that follows from one request, however long it takes: its id is the correlation id."""

from collections.abc import Sequence
from uuid import UUID

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, TraceFlags

LOW_HALF = (1 << 64) - 1


def story(correlation_id: UUID) -> SpanContext:
    """The root of the trace: a span that is not exported, with ids derived from the correlation id."""
    return SpanContext(
        trace_id=correlation_id.int,
        span_id=correlation_id.int & LOW_HALF,
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )


def within(correlation_id: UUID) -> Context:
    """Where a span belongs that works for this story."""
    return trace.set_span_in_context(NonRecordingSpan(story(correlation_id)))


def correlated(correlation_id: UUID) -> Sequence[Link]:
    """A link from a span of another trace, such as a request's, to the story that it began or goes on with."""
    return (Link(story(correlation_id)),)
