"""The download of all that the shop holds of the shopper."""

import msgspec
from starlette.responses import Response

from web.api.faults import TryLater
from web.api.write import Refused
from web.forms.account import missing
from web.http.routes import action, member
from web.http.visit import Visit
from web.storefront.account.answers import FormPage
from web.storefront.account.entering import log_in_again

DATA = "/account/data"
TOO_OLD = "reauthentication-required"


async def ask(visit: Visit) -> Response:
    return (await _page(visit)).shown()


async def download(visit: Visit) -> Response:
    """The file. After a login of more than 10 minutes ago the API wants another one, and a page asks for it."""
    form = await visit.form()
    if form["again"]:
        page = await _page(visit)
        if faults := missing(form, "password"):
            return page.again(faults)
        try:
            await log_in_again(visit, str(page.more["present"]), form.exact("password"))
        except (Refused, TryLater) as error:
            return page.refused(error, password="password")
    try:
        data = await visit.look(DATA)
    except Refused as refused:
        if refused.code != TOO_OLD:
            raise
        return visit.go(DATA)
    content = msgspec.json.format(msgspec.json.encode(data), indent=2)
    return visit.download("my-data.json", content, "application/json")


async def _page(visit: Visit) -> FormPage:
    return FormPage(visit, "storefront/account/data.html", more={"present": (await visit.look("/account"))["email"]})


ROUTES = [member(DATA, ask), action(DATA, download, for_member=True)]
