"""Consents with their history, and the devices that are signed in."""

from collections.abc import Mapping
from typing import NamedTuple

from starlette.responses import Response

from web.api.faults import NotFound
from web.api.write import Refused, segment
from web.http.routes import action, member
from web.http.visit import Visit
from web.texts.languages import noted
from web.texts.links import LOGIN

CONSENTS, DEVICES = "/account/consents", "/account/devices"


class Purpose(NamedTuple):
    """What a shopper can agree to. `wording` names the text; a changed text gets another name."""

    title: str
    text: str
    wording: str


PURPOSES: Mapping[str, Purpose] = {
    "newsletter": Purpose(
        noted("News by e-mail"),
        noted("The shop may send me offers and news by e-mail. I can withdraw this here at any time."),
        "newsletter-2026-11",
    )
}


async def consents(visit: Visit) -> Response:
    history = (await visit.look(CONSENTS))["consents"]
    given = {it["purpose"]: it["given"] for it in history}
    context = {"purposes": PURPOSES, "given": given, "history": list(reversed(history))}
    return visit.page("storefront/account/consents.html", **context)


async def decide(visit: Visit) -> Response:
    """Give a consent, or withdraw it."""
    form, name = await visit.form(), visit.path["purpose"]
    if (purpose := PURPOSES.get(name)) is None:
        raise NotFound
    key = form["key"] or visit.ports.new_key()
    if form["give"]:
        await visit.command("PUT", f"{CONSENTS}/{name}", {"wording": purpose.wording}, key=key)
    else:
        await visit.command("DELETE", f"{CONSENTS}/{name}", key=key)
    return visit.go(CONSENTS)


async def devices(visit: Visit) -> Response:
    return visit.page("storefront/account/devices.html", devices=(await visit.look("/auth/sessions"))["sessions"])


async def end(visit: Visit) -> Response:
    await _end(visit, segment(visit.path["id"]))
    return visit.go(DEVICES)


async def end_others(visit: Visit) -> Response:
    for device in (await visit.look("/auth/sessions"))["sessions"]:
        if not device["present"]:
            await _end(visit, str(device["session_id"]))
    return visit.go(DEVICES)


async def end_all(visit: Visit) -> Response:
    """Sign out everywhere, here too."""
    await visit.command("POST", "/auth/logout/everywhere", key=visit.ports.new_key())
    await visit.leave()
    return visit.go(f"{LOGIN}?after=everywhere")


async def _end(visit: Visit, session_id: str) -> None:
    """One that is over already is no error."""
    try:
        await visit.command("DELETE", f"/auth/sessions/{session_id}", key=visit.ports.new_key())
    except Refused as refused:
        if refused.status != 404:
            raise


ROUTES = [
    member(CONSENTS, consents),
    action(f"{CONSENTS}/{{purpose}}", decide, for_member=True),
    member(DEVICES, devices),
    action(f"{DEVICES}/others/end", end_others, for_member=True),
    action(f"{DEVICES}/all/end", end_all, for_member=True),
    action(f"{DEVICES}/{{id}}/end", end, for_member=True),
]
