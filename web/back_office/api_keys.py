"""API keys: what programs may do, until when, and when they last did. A key is shown once, when it is issued."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from web.api.write import Refused, segment
from web.back_office import desk, table
from web.back_office.desk import DONE_BEFORE, Refusal, attempt, faulty, refusal
from web.http.routes import action, staff
from web.http.visit import Visit
from web.texts.permissions import OF_KEYS

PATH = "/desk/api-keys"
NAMES = {"permissions": "permission", "expires_at": "last_day"}
ISSUED_BEFORE = {DONE_BEFORE, "api-key-exists"}
NOT_AGAIN = "This form issued a key already, and a key is shown once. If it was not kept, revoke it and issue another."


async def show(visit: Visit) -> Response:
    return await _keys(visit)


async def issue(visit: Visit) -> Response:
    """The key is in this response and nowhere else, so the page of it asks nothing that could fail."""
    form = await visit.form()
    last_day, permissions = table.day(form["last_day"]), form.all("permission")
    faults = {} if form["name"] else {"name": "Name the program that uses the key."}
    if not permissions:
        faults["permission"] = "Choose one permission or more."
    if not last_day:
        faults["last_day"] = "Choose a day."
    if faults:
        return await _keys(visit, faulty(form, "issue", faults))
    ends = _end_of(last_day, visit.ports.shop.time_zone)
    body = {"name": form["name"], "permissions": permissions, "expires_at": ends}
    try:
        done = await visit.command("POST", "/api-keys", body, key=form["key"] or visit.ports.new_key())
    except Refused as refused:
        if refused.code in ISSUED_BEFORE:
            return await _keys(visit, Refusal(form="issue", text=NOT_AGAIN))
        return await _keys(visit, refusal(refused, form, "issue", NAMES))
    return visit.page("back_office/api_key.html", name=form["name"], key=done.document["key"], last_day=last_day)


async def revoke(visit: Visit) -> Response:
    form = await visit.form()
    if not form["reason"]:
        return await _keys(visit, faulty(form, "revoke", {"reason": "Say why: it stays in the history."}))
    path = f"/api-keys/{segment(visit.path['id'])}/revoke"
    refused = await attempt(visit, form, "revoke", "POST", path, {"reason": form["reason"]})
    return visit.go(PATH) if refused is None else await _keys(visit, refused)


def _end_of(day: str, zone: str) -> str:
    """The midnight after a day of the shop's time zone."""
    return (datetime.fromisoformat(day) + timedelta(days=1)).replace(tzinfo=ZoneInfo(zone)).isoformat()


async def _keys(visit: Visit, refused: Refusal | None = None) -> Response:
    answer = await visit.ask("desk_api_keys", **table.window(visit))
    found, now = answer["apiKeys"], visit.ports.clock()
    keys = [{**edge["node"], "state": _state(edge["node"], now)} for edge in found["edges"]]
    pager = table.pager(PATH, {}, found["pageInfo"])
    return desk.page(visit, "api_keys", answer, refused, keys=keys, pager=pager, known=OF_KEYS)


def _state(key: Mapping[str, Any], now: datetime) -> str:
    if key["revokedAt"]:
        return "revoked"
    return "over" if datetime.fromisoformat(key["expiresAt"]) <= now else "in use"


ROUTES = [
    staff(PATH, show),
    action(f"{PATH}/issue", issue, for_staff=True),
    action(f"{PATH}/{{id}}/revoke", revoke, for_staff=True),
]
