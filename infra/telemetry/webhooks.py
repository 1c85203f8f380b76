"""Webhooks of Stripe as a metric."""

from collections.abc import Callable

from opentelemetry import metrics


def counted() -> Callable[[str], None]:
    """Counts webhooks by verdict."""
    counter = metrics.get_meter(__name__).create_counter("counterfoil.stripe.webhooks", "{webhook}")
    return lambda verdict: counter.add(1, {"counterfoil.verdict": verdict})
