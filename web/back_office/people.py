"""People: who ordered, their orders, and forgetting them."""

from starlette.responses import Response

from web.api.faults import NotFound
from web.api.write import segment
from web.back_office import desk, table
from web.back_office.desk import Refusal, attempt, faulty
from web.http.routes import action, staff
from web.http.visit import Visit

PATH = "/desk/people"


async def show(visit: Visit) -> Response:
    filters = {"customer": (visit.query.get("customer") or "").strip()[:64]}
    answer = await visit.ask("desk_people", customer=filters["customer"] or None, **table.window(visit))
    found = answer["people"]
    return desk.page(
        visit,
        "people",
        answer,
        filters=filters,
        people=[edge["node"] for edge in found["edges"]],
        pager=table.pager(PATH, filters, found["pageInfo"]),
    )


async def show_person(visit: Visit) -> Response:
    return await _person(visit)


async def forget(visit: Visit) -> Response:
    """Personal data becomes unreadable; orders stay. The name is typed once more: there is no way back."""
    subject, form = segment(visit.path["id"]), await visit.form()
    faults = {} if form["reason"] else {"reason": "Say why, without naming the person: it is kept for ever."}
    if form["subject"] != subject:
        faults["subject"] = "This is not the id of this person. Type it as it stands above."
    if faults:
        return await _person(visit, faulty(form, "forget", faults))
    body = {"subject": subject, "reason": form["reason"]}
    refused = await attempt(visit, form, "forget", "POST", "/people/forget", body)
    return visit.go(f"{PATH}/{subject}") if refused is None else await _person(visit, refused)


async def _person(visit: Visit, refused: Refusal | None = None) -> Response:
    subject = segment(visit.path["id"])
    answer = await visit.ask("desk_person", "orders", customer=subject)
    people = [edge["node"] for edge in answer["people"]["edges"]]
    if not people:
        raise NotFound
    orders = [edge["node"] for edge in answer["orders"]["edges"]] if answer["orders"] else None
    return desk.page(visit, "person", answer, refused, person=people[0], orders=orders)


ROUTES = [
    staff(PATH, show),
    staff(f"{PATH}/{{id}}", show_person),
    action(f"{PATH}/{{id}}/forget", forget, for_staff=True),
]
