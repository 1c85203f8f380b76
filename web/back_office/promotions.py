"""Promotions: what each does, when, and ending one with a reason. The write API drafts and schedules them."""

from functools import partial

from starlette.responses import Response

from web.api.write import segment
from web.back_office import desk, table
from web.back_office.desk import Refusal, attempt, faulty
from web.http.routes import action, staff
from web.http.visit import Visit
from web.texts import formats
from web.texts.promotions import effect, goods

PATH = "/desk/promotions"
STATUSES = ("IN_FORCE", "SCHEDULED", "DRAFT", "OVER")
REASON = {"reason": "Say why: it stays with the promotion."}


async def show(visit: Visit) -> Response:
    return await _listed(visit)


async def end(visit: Visit) -> Response:
    it, form = segment(visit.path["id"]), await visit.form()
    if not form["reason"]:
        return await _listed(visit, faulty(form, it, REASON))
    refused = await attempt(visit, form, it, "POST", f"/promotions/{it}/end", {"reason": form["reason"]})
    return visit.go(PATH) if refused is None else await _listed(visit, refused)


async def _listed(visit: Visit, refused: Refusal | None = None) -> Response:
    filters = {"status": table.one_of(visit.query.get("status"), STATUSES)}
    window = {"first": table.ROWS, "after": visit.query.get("after") or None}
    answer = await visit.ask("desk_promotions", status=filters["status"] or None, **window)
    found = answer["promotions"]
    return desk.page(
        visit,
        "promotions",
        answer,
        refused,
        filters=filters,
        statuses=STATUSES,
        promotions=[edge["node"] for edge in found["edges"]],
        pager=table.pager(PATH, filters, {**found["pageInfo"], "hasPreviousPage": False}),
        effect=partial(effect, money=partial(formats.money, locale=visit.ports.shop.locale)),
        goods=goods,
    )


ROUTES = [
    staff(PATH, show),
    action(f"{PATH}/{{id}}/end", end, for_staff=True),
]
