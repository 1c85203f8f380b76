"""Passkeys on pages: a script fetches options here, asks the browser, and sends the form with the answer."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from web.api.faults import ReauthenticationRequired, TryLater
from web.api.write import Refused
from web.forms.account import BUSY
from web.http.bodies import Form
from web.http.visit import Visit
from web.texts.languages import noted
from web.texts.problems import text_of

TOO_OLD = "reauthentication-required"
UNREADABLE = noted("The browser did not answer with a passkey. Try again.")


async def options(visit: Visit, path: str, body: Mapping[str, Any] | None = None, *, again: str = "") -> Response:
    """Options of the API, or what the page says or where it goes instead.

    `again`: the caller's own passkeys, with the page to log in at when the last login is too old.
    """
    try:
        if again:
            done = await visit.command("POST", path, body, key=visit.ports.new_key())
        else:
            done = await visit.submit(path, body or {})
    except ReauthenticationRequired:
        return visit.document({"go": visit.market.prefix + again})
    except TryLater:
        return visit.document({"fault": visit.market.say(BUSY)})
    except Refused as refused:
        if is_too_old(refused):
            return visit.document({"go": visit.market.prefix + again})
        return visit.document({"fault": visit.market.say(text_of(refused, english=visit.market.is_english))})
    return visit.document({"options": done.document["options"]})


def is_too_old(error: Exception) -> bool:
    """Whether the API wants a login of the last ten minutes."""
    return isinstance(error, Refused) and error.code == TOO_OLD


def passkey_in(form: Form) -> dict[str, Any] | None:
    """The answer of the browser in a form; None where the script sent none."""
    try:
        answer = json.loads(form["passkey"])
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def again_at(page: str, to: str) -> str:
    """The page that asks for another login, and leads back."""
    return f"{page}?to={quote(to)}"
