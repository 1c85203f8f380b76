"""Requests, measured."""

from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI, Request
from opentelemetry.trace import SpanKind, StatusCode

from infra.telemetry.requests import ObservedRequests, turned_away
from tests.infra.telemetry.conftest import Seen

CAME_FROM = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def client() -> httpx.AsyncClient:
    app = FastAPI()

    @app.get("/carts/{cart_id}")
    async def cart(cart_id: UUID, request: Request) -> str:
        assert str(cart_id) in request.url.path
        return request.headers.get("traceparent", "")

    @app.get("/breaks")
    async def breaks() -> None:
        raise RuntimeError

    transport = httpx.ASGITransport(ObservedRequests(app), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://shop")


def about(route: str, status: int) -> frozenset[tuple[str, object]]:
    return frozenset({"http.request.method": "GET", "http.route": route, "http.response.status_code": status}.items())


async def test_requests_are_counted_by_the_template_of_their_path(seen: Seen) -> None:
    async with client() as asking:
        for number in range(3):
            await asking.get(f"/carts/{UUID(int=number)}")
        await asking.get("/carts/none")
        await asking.get("/nowhere")
        await asking.get("/breaks")
    assert seen.metric("http.server.request.duration") == {
        about("/carts/{cart_id}", 200): 3,
        about("/carts/{cart_id}", 422): 1,
        about("unmatched", 404): 1,
        about("/breaks", 500): 1,
    }
    assert seen.metric("http.server.active_requests") == {frozenset({("http.request.method", "GET")}): 0}


@pytest.mark.parametrize("sent", [CAME_FROM, None])
async def test_a_span_joins_the_callers_trace_and_goes_on_into_the_events(seen: Seen, sent: str | None) -> None:
    async with client() as asking:
        told = (await asking.get(f"/carts/{UUID(int=1)}", headers={"traceparent": sent} if sent else {})).json()
    (span,) = seen.spans
    assert span.context is not None
    assert (span.name, span.kind) == ("GET /carts/{cart_id}", SpanKind.SERVER)
    assert told.split("-")[1:3] == [f"{span.context.trace_id:032x}", f"{span.context.span_id:016x}"]
    if sent:
        assert span.parent is not None
        assert sent.split("-")[1:3] == [f"{span.context.trace_id:032x}", f"{span.parent.span_id:016x}"]


async def test_a_fault_of_ours_is_an_error_and_a_refusal_is_not(seen: Seen) -> None:
    async with client() as asking:
        await asking.get("/breaks")
        await asking.get("/nowhere")
    assert [span.status.status_code for span in seen.spans] == [StatusCode.ERROR, StatusCode.UNSET]


def test_who_was_turned_away_is_counted_when_somebody_looks(seen: Seen) -> None:
    counts = iter([3, 5])
    turned_away(lambda: next(counts))
    looks = [seen.metric("counterfoil.requests.turned_away") for _ in range(2)]
    assert looks == [{frozenset(): 3}, {frozenset(): 5}]
