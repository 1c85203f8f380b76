"""The password once more, which the API wants before dangerous commands when the login was more than ten minutes ago.

The command that it refused is not carried out: afterwards the page of its form says what to repeat.
"""

from urllib.parse import urlencode

from starlette.responses import Response

from web.api.faults import TryLater
from web.api.write import Refused
from web.back_office.second_factor import REQUIRED, begin, second_step
from web.forms.account import missing
from web.http.bodies import Form
from web.http.routes import action, staff
from web.http.visit import Visit
from web.storefront.account.answers import FormPage
from web.storefront.account.entering import device
from web.texts.links import STAFF_AGAIN, desk_path
from web.texts.repeats import REPEATS


async def show(visit: Visit) -> Response:
    return _page(visit, Form([("to", visit.query.get("to", "")), ("repeat", visit.query.get("repeat", ""))])).shown()


async def enter(visit: Visit) -> Response:
    """A login as the same member, or with another address if the session does not know theirs."""
    form = await visit.form()
    page, known = _page(visit, form), _email(visit)
    if faults := missing(form, *(() if known else ("email",)), "password"):
        return page.again(faults)
    email = known or form["email"]
    body = {"email": email, "password": form.exact("password"), "as": "staff", "device": device(visit)}
    try:
        done = await visit.submit("/auth/login", body)
    except (Refused, TryLater) as error:
        if isinstance(error, Refused) and error.code == REQUIRED:
            return await second_step(visit, error, _back(form), email)
        return page.refused(error, password="password" if known else "")
    await begin(visit, done.document, email)
    return visit.go(_back(form))


def _back(form: Form) -> str:
    """The page that the member was on, which says what to repeat."""
    to = desk_path(form["to"])
    return f"{to}{'&' if '?' in to else '?'}{urlencode({'repeat': _repeat(form)})}"


def _repeat(form: Form) -> str:
    return form["repeat"] if form["repeat"] in REPEATS else "it"


def _email(visit: Visit) -> str | None:
    return None if visit.session is None else visit.session.email


def _page(visit: Visit, form: Form) -> FormPage:
    more = {"to": desk_path(form["to"]), "repeat": _repeat(form), "known": _email(visit), "back": _back(form)}
    return FormPage(visit, "back_office/again.html", form, more=more)


ROUTES = [staff(STAFF_AGAIN, show), action(STAFF_AGAIN, enter, for_staff=True)]
