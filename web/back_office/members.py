"""Staff: who is on it with which roles, inviting and removing."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from web.api.write import segment
from web.back_office import desk, table
from web.back_office.desk import Refusal, attempt, faulty
from web.http.bodies import Form
from web.http.routes import action, staff
from web.http.visit import Visit

PATH = "/desk/staff"
ROWS = 20
CHOOSE_ROLE = "Choose a role."
NAMES = {"roles": "role"}


async def show(visit: Visit) -> Response:
    return await _staff(visit)


async def invite(visit: Visit) -> Response:
    form = await visit.form()
    roles = form.all("role")
    faults = {} if form["email"] else {"email": "Enter the e-mail address of the person."}
    if not roles:
        faults["role"] = "Choose one role or more."
    if faults:
        return await _staff(visit, faulty(form, "invite", faults))
    body = {"email": form["email"], "roles": roles, **({"name": form["name"]} if form["name"] else {})}
    return await _after(visit, await attempt(visit, form, "invite", "POST", "/staff", body, NAMES))


async def give(visit: Visit) -> Response:
    return await _role(visit, "give", "PUT")


async def withdraw(visit: Visit) -> Response:
    return await _role(visit, "withdraw", "DELETE")


async def invite_again(visit: Visit) -> Response:
    return await _change(visit, "POST", "invitation")


async def remove_second_factor(visit: Visit) -> Response:
    return await _change(visit, "DELETE", "second-factor")


async def remove(visit: Visit) -> Response:
    form = await visit.form()
    if not form["reason"]:
        return await _staff(visit, faulty(form, "remove", {"reason": "Say why: it stays in the history."}))
    return await _change(visit, "POST", "remove", form, {"reason": form["reason"]})


async def _role(visit: Visit, name: str, method: str) -> Response:
    form = await visit.form()
    if not form["role"]:
        return await _staff(visit, faulty(form, name, {"role": CHOOSE_ROLE}))
    return await _change(visit, method, f"roles/{segment(form['role'])}", form)


async def _change(
    visit: Visit, method: str, below: str, form: Form | None = None, body: Mapping[str, Any] | None = None
) -> Response:
    """A command about the member whom the address names."""
    typed = form or await visit.form()
    path = f"/staff/{segment(visit.path['id'])}/{below}"
    return await _after(visit, await attempt(visit, typed, "member", method, path, body))


async def _after(visit: Visit, refused: Refusal | None) -> Response:
    return visit.go(PATH) if refused is None else await _staff(visit, refused)


async def _staff(visit: Visit, refused: Refusal | None = None) -> Response:
    filters = {"role": (visit.query.get("role") or "")[:64]}
    answer = await visit.ask("desk_staff", role=filters["role"] or None, **table.window(visit, ROWS))
    found = answer["staff"]
    return desk.page(
        visit,
        "staff",
        answer,
        refused,
        me=answer["me"]["subject"],
        roles=[it["role"] for it in answer["roles"]],
        members=[edge["node"] for edge in found["edges"]],
        filters=filters,
        pager=table.pager(PATH, filters, found["pageInfo"]),
    )


ROUTES = [
    staff(PATH, show),
    action(f"{PATH}/invite", invite, for_staff=True),
    action(f"{PATH}/{{id}}/give", give, for_staff=True),
    action(f"{PATH}/{{id}}/withdraw", withdraw, for_staff=True),
    action(f"{PATH}/{{id}}/invitation", invite_again, for_staff=True),
    action(f"{PATH}/{{id}}/second-factor", remove_second_factor, for_staff=True),
    action(f"{PATH}/{{id}}/remove", remove, for_staff=True),
]
