"""The list of promotions: what each does, its state and its times."""

from functools import partial

from starlette.responses import Response

from web.back_office import desk, table
from web.http.routes import staff
from web.http.visit import Visit
from web.texts import formats
from web.texts.promotions import effect, goods

PATH = "/desk/promotions"
STATUSES = ("IN_FORCE", "SCHEDULED", "DRAFT", "OVER")


async def show(visit: Visit) -> Response:
    filters = {"status": table.one_of(visit.query.get("status"), STATUSES)}
    window = {"first": table.ROWS, "after": visit.query.get("after") or None}
    answer = await visit.ask("desk_promotions", status=filters["status"] or None, **window)
    found = answer["promotions"]
    return desk.page(
        visit,
        "promotions",
        answer,
        filters=filters,
        statuses=STATUSES,
        promotions=[edge["node"] for edge in found["edges"]],
        pager=table.pager(PATH, filters, {**found["pageInfo"], "hasPreviousPage": False}),
        effect=partial(effect, money=partial(formats.money, locale=visit.ports.shop.locale)),
        goods=goods,
    )


ROUTES = [staff(PATH, show)]
