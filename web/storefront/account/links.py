"""Mailed links: the page that says that one was sent, and the one for a link that does not work any more."""

from collections.abc import Mapping

from starlette.responses import Response

from web.api.write import Refused
from web.http.routes import personal
from web.http.visit import Visit
from web.texts.languages import noted

LONGEST = 4096
ASKED_AT: Mapping[str, str] = {
    "/account/register": noted("Ask for another link"),
    "/account/password/forgotten": noted("Ask for another link"),
    "/account/email": noted("Ask again"),
}
"""Pages that have a mail sent, and how they are offered."""


async def sent(visit: Visit) -> Response:
    """A message is on its way."""
    again = visit.query.get("again", "")
    return visit.page("storefront/account/mail.html", again=again if again in ASKED_AT else "", words=ASKED_AT)


def token_in(sent_with: Mapping[str, str]) -> str:
    """The token of a link, or empty for what can be none."""
    token = sent_with.get("token", "")
    return token if len(token) <= LONGEST else ""


def is_over(error: Exception) -> bool:
    """Whether the link was used, replaced, or is too old."""
    if not isinstance(error, Refused):
        return False
    return error.code == "link-not-valid" or any(it["field"] == "token" for it in error.errors)


def over(visit: Visit, again: str) -> Response:
    return visit.page("storefront/account/over.html", 422, again=again, words=ASKED_AT)


ROUTES = [personal("/account/mail", sent)]
