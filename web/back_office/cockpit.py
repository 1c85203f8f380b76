"""The cockpit: where processes stand, what is parked, how far read models are, and who works."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from web.api.faults import NotFound
from web.api.write import Refused, segment
from web.http.routes import action, staff
from web.http.visit import Visit
from web.texts.problems import faults_of, text_of
from web.texts.states import brief

COCKPIT = "/desk/cockpit"
KINDS = {"command": "parked-commands", "input": "parked-inputs"}


async def show(visit: Visit) -> Response:
    return await _cockpit(visit)


async def _cockpit(visit: Visit, *, notice: str = "", status: int = 200) -> Response:
    asked = {name: visit.query.get(name) or None for name in ("process", "phase", "after")}
    attention = True if visit.query.get("attention") else None
    answer = await visit.ask("desk_cockpit", attention=attention, **asked)
    cockpit = answer["cockpit"]
    return visit.page(
        "back_office/cockpit.html",
        status,
        permissions=permissions_of(answer["me"]),
        cockpit=cockpit,
        builds=answer["projections"],
        phases=_by_process(cockpit["phases"]),
        asked={**asked, "attention": attention},
        link=_link,
        brief=brief,
        stale=answer.stale,
        notice=notice,
    )


async def show_instance(visit: Visit) -> Response:
    process, instance = visit.path["process"], visit.path["instance"]
    before = visit.query.get("before") or None
    answer = await visit.ask("desk_process", process=process, instance=instance, before=before)
    run = answer["cockpit"]["instance"]
    if run is None:
        raise NotFound
    return visit.page(
        "back_office/process.html",
        permissions=permissions_of(answer["me"]),
        run=run,
        before=before,
        stale=answer.stale,
    )


async def resend(visit: Visit) -> Response:
    form = await visit.form()
    return await _done(visit, f"{_parked(visit)}/resend", None, form["key"])


async def skip(visit: Visit) -> Response:
    form = await visit.form()
    return await _done(visit, f"{_parked(visit)}/skip", {"reason": form["reason"].strip()}, form["key"])


def _parked(visit: Visit) -> str:
    """The path of what is parked. Raises NotFound."""
    if (kind := KINDS.get(visit.path["kind"])) is None:
        raise NotFound
    return f"/processes/{kind}/{segment(visit.path['id'])}"


async def resend_dead_letter(visit: Visit) -> Response:
    form = await visit.form()
    path = f"/dead-letters/{segment(visit.path['event'])}/resend"
    return await _done(visit, path, {"reason": form["reason"].strip()}, form["key"])


async def rebuild(visit: Visit) -> Response:
    form = await visit.form()
    path = f"/read-models/{segment(visit.path['name'])}/rebuild"
    return await _done(visit, path, {"reason": form["reason"].strip()}, form["key"])


async def _done(visit: Visit, path: str, body: Mapping[str, Any] | None, key: str) -> Response:
    try:
        await visit.command("POST", path, body, key=key or visit.ports.new_key())
    except Refused as refused:
        if refused.code != "command-id-reused":
            told = " ".join(faults_of(refused).values()) or text_of(refused)
            return await _cockpit(visit, notice=told, status=422)
    return visit.go(COCKPIT)


def permissions_of(me: Mapping[str, Any] | None) -> frozenset[str]:
    """What the caller may do."""
    return frozenset() if me is None else frozenset(me["permissions"])


def _by_process(phases: list[Mapping[str, Any]]) -> Mapping[str, list[Mapping[str, Any]]]:
    found = dict[str, list[Mapping[str, Any]]]()
    for one in phases:
        found.setdefault(one["process"], []).append(one)
    return found


def _link(**query: str | None) -> str:
    given = {name: value for name, value in query.items() if value}
    return f"{COCKPIT}?{urlencode(given)}#instances" if given else f"{COCKPIT}#instances"


ROUTES = [
    staff(COCKPIT, show),
    staff(f"{COCKPIT}/processes/{{process}}/{{instance}}", show_instance),
    action(f"{COCKPIT}/parked/{{kind}}/{{id}}/resend", resend, for_staff=True),
    action(f"{COCKPIT}/parked/{{kind}}/{{id}}/skip", skip, for_staff=True),
    action(f"{COCKPIT}/dead-letters/{{event}}/resend", resend_dead_letter, for_staff=True),
    action(f"{COCKPIT}/read-models/{{name}}/rebuild", rebuild, for_staff=True),
]
