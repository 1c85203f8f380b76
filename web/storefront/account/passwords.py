"""A forgotten password: the address first, the new password behind the link that is mailed to it."""

from starlette.responses import Response

from web.api.faults import TryLater
from web.api.write import Refused
from web.forms.account import missing
from web.http.routes import action, personal
from web.http.visit import Visit
from web.storefront.account.answers import FormPage
from web.storefront.account.links import is_over, over, token_in
from web.texts.links import LOGIN

FORGOTTEN, RESET = "/account/password/forgotten", "/account/password/reset"


async def forgotten(visit: Visit) -> Response:
    return FormPage(visit, "storefront/account/forgotten.html").shown()


async def ask(visit: Visit) -> Response:
    """The answer is the same whether the address has an account or not."""
    form = await visit.form()
    page = FormPage(visit, "storefront/account/forgotten.html", form)
    if faults := missing(form, "email"):
        return page.again(faults)
    try:
        await visit.submit("/auth/password/forgotten", {"email": form["email"]})
    except (Refused, TryLater) as error:
        return page.refused(error)
    return visit.go(f"/account/mail?again={FORGOTTEN}")


async def choose(visit: Visit) -> Response:
    """What the mailed link shows. It uses nothing up: programs follow links in mails too."""
    token = token_in(visit.query)
    if not token:
        return visit.go(FORGOTTEN)
    return FormPage(visit, "storefront/account/reset.html", more={"token": token}).shown()


async def reset(visit: Visit) -> Response:
    """All sessions of the account end, so the one of this browser is left too."""
    form = await visit.form()
    token = token_in(form)
    page = FormPage(visit, "storefront/account/reset.html", form, more={"token": token})
    if faults := missing(form, "password"):
        return page.again(faults)
    try:
        await visit.submit("/auth/password/reset", {"token": token, "password": form.exact("password")})
    except (Refused, TryLater) as error:
        return over(visit, FORGOTTEN) if is_over(error) else page.refused(error)
    if visit.session is not None and visit.session.is_member:
        await visit.leave()
    return visit.go(f"{LOGIN}?after=password")


ROUTES = [personal(FORGOTTEN, forgotten), action(FORGOTTEN, ask), personal(RESET, choose), action(RESET, reset)]
