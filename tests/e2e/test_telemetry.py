"""A shop that is watched: a collector hears of a purchase from every part, in one story."""

from time import monotonic, sleep

from tests.e2e.shop import data_folder
from tests.e2e.test_up import open_shop, order_mugs, stock_mugs
from tests.support.fixtures.collector import Collector, collector

PATIENCE, LOOK_EVERY = 60.0, 0.1
OTEL = {"OTEL_METRIC_EXPORT_INTERVAL": "500", "OTEL_BSP_SCHEDULE_DELAY": "200"}


def test_a_purchase_is_seen_from_outside() -> None:
    with data_folder() as data, collector() as heard:
        with open_shop(data, OTEL_EXPORTER_OTLP_ENDPOINT=heard.url, **OTEL) as (program, client):
            stock_mugs(client)
            order_mugs(client)
            for follower in ("orders", "processes"):
                wait_until_told_where_it_stands(heard, follower)
            assert program.stop() == 0

        assert heard.latest("counterfoil.events.appended", counterfoil_category="order") == 1
        assert heard.latest("http.server.request.duration", http_route="/checkouts", http_response_status_code=202) == 1
        assert (heard.latest("http.server.request.duration", http_route="/graphql") or 0) > 0
        assert commands_in_the_trace_of_the_checkout(heard) >= {"stock.reserve.v1", "order.place.v3"}


def wait_until_told_where_it_stands(heard: Collector, follower: str) -> None:
    """Nobody looks more often than every five seconds. Raises TimeoutError."""
    deadline = monotonic() + PATIENCE
    while heard.latest("counterfoil.follower.lag.events", counterfoil_follower=follower) is None:
        if monotonic() > deadline:
            raise TimeoutError(f"The collector was not told how far {follower} is.")
        sleep(LOOK_EVERY)


def commands_in_the_trace_of_the_checkout(heard: Collector) -> set[str]:
    (placed,) = [span for span in heard.spans["counterfoil-processes"] if span.name == "order.place.v3"]
    return {span.name for span in heard.spans["counterfoil-processes"] if span.trace_id == placed.trace_id}
