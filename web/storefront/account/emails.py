"""The address of an account: the new one is used once the link that is mailed to it is followed."""

from starlette.responses import Response

from web.api.faults import TryLater
from web.api.write import Refused
from web.http.routes import action, personal
from web.http.visit import Visit
from web.storefront.account.answers import FormPage
from web.storefront.account.links import is_over, over, token_in
from web.texts.languages import noted
from web.texts.links import LOGIN

CONFIRM = "/account/email/confirm"
TAKEN = noted("This address belongs to another account. Nothing was changed.")


async def look(visit: Visit) -> Response:
    """What the mailed link shows. It uses nothing up: programs follow links in mails too."""
    token = token_in(visit.query)
    if not token:
        return visit.go(LOGIN)
    return FormPage(visit, "storefront/account/confirm.html", more={"token": token}).shown()


async def confirm(visit: Visit) -> Response:
    form = await visit.form()
    token = token_in(form)
    page = FormPage(visit, "storefront/account/confirm.html", form, more={"token": token})
    try:
        await visit.submit("/auth/email/confirm", {"token": token})
    except (Refused, TryLater) as error:
        if is_over(error):
            return over(visit, "")
        if isinstance(error, Refused) and error.code == "address-taken":
            return page.again(head=TAKEN)
        return page.refused(error)
    return visit.go(f"{LOGIN}?after=address")


ROUTES = [personal(CONFIRM, look), action(CONFIRM, confirm)]
