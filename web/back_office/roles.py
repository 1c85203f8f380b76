"""Roles of staff: what each permits, and whether its members need a second factor."""

from starlette.responses import Response

from web.api.write import SEGMENT, segment
from web.back_office import desk
from web.back_office.desk import Refusal, attempt, faulty
from web.http.bodies import Form
from web.http.routes import action, staff
from web.http.visit import Visit
from web.texts.permissions import PERMISSIONS

PATH = "/desk/roles"
NAMES = {"permissions": "permission"}
NAME_IT = "Enter a name of letters, digits, dots, hyphens and underscores, such as night_shift."
THERE_IS_ONE = "There is a role with this name. Change it on this page, or choose another name."


async def show(visit: Visit) -> Response:
    return await _roles(visit)


async def create(visit: Visit) -> Response:
    """The API sets the permissions of any role, so a name that is taken is looked for first."""
    form = await visit.form()
    if not SEGMENT.fullmatch(form["role"]):
        return await _roles(visit, faulty(form, "create", {"role": NAME_IT}))
    if form["role"] in {it["role"] for it in (await visit.ask("desk_roles"))["roles"]}:
        return await _roles(visit, faulty(form, "create", {"role": THERE_IS_ONE}))
    return await _set(visit, form, form["role"], "create")


async def change(visit: Visit) -> Response:
    role = segment(visit.path["role"])
    return await _set(visit, await visit.form(), role, f"set-{role}")


async def remove(visit: Visit) -> Response:
    role, form = segment(visit.path["role"]), await visit.form()
    return await _after(visit, await attempt(visit, form, f"remove-{role}", "DELETE", f"/roles/{role}"))


async def _set(visit: Visit, form: Form, role: str, name: str) -> Response:
    body = {"permissions": form.all("permission"), "second_factor": bool(form["second_factor"])}
    return await _after(visit, await attempt(visit, form, name, "PUT", f"/roles/{role}", body, NAMES))


async def _after(visit: Visit, refused: Refusal | None) -> Response:
    return visit.go(PATH) if refused is None else await _roles(visit, refused)


async def _roles(visit: Visit, refused: Refusal | None = None) -> Response:
    answer = await visit.ask("desk_roles")
    return desk.page(visit, "roles", answer, refused, roles=answer["roles"], known=PERMISSIONS)


ROUTES = [
    staff(PATH, show),
    action(f"{PATH}/create", create, for_staff=True),
    action(f"{PATH}/{{role}}/set", change, for_staff=True),
    action(f"{PATH}/{{role}}/remove", remove, for_staff=True),
]
