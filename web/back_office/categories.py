"""The category tree, walked level by level; also to choose where a product belongs."""

from starlette.responses import Response

from web.api.faults import NotFound
from web.api.write import segment
from web.back_office import desk
from web.back_office.desk import Refusal, attempt, faulty
from web.http.routes import action, staff
from web.http.visit import Visit

PATH = "/desk/categories"
NAME = {"name": "Enter a name."}


async def show(visit: Visit) -> Response:
    return await _level(visit, visit.query.get("at") or "")


async def create(visit: Visit) -> Response:
    form = await visit.form()
    parent = form["parent"]
    if not form["name"]:
        return await _level(visit, parent, faulty(form, "create", NAME))
    body = {"name": form["name"], "parent_id": parent or None}
    return await _after(visit, parent, await attempt(visit, form, "create", "POST", "/categories", body))


async def rename(visit: Visit) -> Response:
    it, form = segment(visit.path["id"]), await visit.form()
    if not form["name"]:
        return await _level(visit, it, faulty(form, "rename", NAME))
    path = f"/categories/{it}/name"
    return await _after(visit, it, await attempt(visit, form, "rename", "PUT", path, {"name": form["name"]}))


async def move(visit: Visit) -> Response:
    it, form = segment(visit.path["id"]), await visit.form()
    body = {"parent_id": form["parent_id"] or None}
    return await _after(visit, it, await attempt(visit, form, "move", "PUT", f"/categories/{it}/parent", body))


async def delete(visit: Visit) -> Response:
    it, form = segment(visit.path["id"]), await visit.form()
    refused = await attempt(visit, form, "delete", "DELETE", f"/categories/{it}")
    return await _level(visit, it, refused) if refused else visit.go(_address(form["parent"]))


async def _after(visit: Visit, at: str, refused: Refusal | None) -> Response:
    return await _level(visit, at, refused) if refused else visit.go(_address(at))


def _address(at: str) -> str:
    return f"{PATH}?at={segment(at)}" if at else PATH


async def _level(visit: Visit, at: str, refused: Refusal | None = None) -> Response:
    """A category and those right below it; without one, the departments. `for`: the product to put somewhere."""
    product = visit.query.get("for") or ""
    product = segment(product) if product else ""
    if not at:
        answer = await visit.ask("desk_categories")
        return desk.page(
            visit, "categories", answer, refused, category=None, children=answer["categories"], product=product
        )
    answer = await visit.ask("desk_category", id=segment(at))
    category = answer["category"]
    if category is None:
        raise NotFound
    return desk.page(
        visit, "categories", answer, refused, category=category, children=category["children"], product=product
    )


ROUTES = [
    staff(PATH, show),
    action(PATH, create, for_staff=True),
    action(f"{PATH}/{{id}}/rename", rename, for_staff=True),
    action(f"{PATH}/{{id}}/move", move, for_staff=True),
    action(f"{PATH}/{{id}}/delete", delete, for_staff=True),
]
