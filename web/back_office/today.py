"""The first page of the back office: what waits, and whether the shop is well."""

from datetime import timedelta
from typing import Any

from starlette.responses import Response

from web.back_office import desk
from web.http.routes import staff
from web.http.visit import Visit

BEHIND = 1_000
"""Events that a read model may be behind before that is worth a line."""

OPTIONAL = ("shipmentCounts", "placed", "moving", "stockLevels", "sales", "projections", "cockpit")
"""Each is shown to those who may see it."""


async def show(visit: Visit) -> Response:
    today = visit.ports.clock().date()
    answer = await visit.ask("desk_today", *OPTIONAL, **{"from": (today - timedelta(days=6)).isoformat()})
    days = sorted(answer["sales"] or (), key=lambda it: it["day"], reverse=True)
    return desk.page(
        visit,
        "today",
        answer,
        counts=answer["shipmentCounts"],
        placed=answer["placed"],
        moving=answer["moving"],
        low=answer["stockLevels"],
        days=days,
        shows_sales=answer["sales"] is not None,
        late=[it for it in answer["projections"] or () if _is_late(it)],
        cockpit=answer["cockpit"],
    )


async def counts(visit: Visit) -> Response:
    """The numbers alone, for a page that is open."""
    answer = await visit.ask("desk_counts", "shipmentCounts", "moving")
    return desk.page(visit, "today_counts", answer, counts=answer["shipmentCounts"], moving=answer["moving"])


def _is_late(build: dict[str, Any]) -> bool:
    return build["state"] == "ACTIVE" and bool(build["error"] or build["parked"] or build["lagEvents"] > BEHIND)


ROUTES = [staff("/desk", show), staff("/_/desk/counts", counts)]
