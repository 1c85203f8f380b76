"""The answer to a form of the account that could not be carried out: the form again, with what to do."""

from collections.abc import Mapping
from typing import Any, Protocol

from starlette.responses import Response

from web.api.faults import TryLater
from web.api.write import Refused
from web.forms.account import BUSY, LABELS, faults_in, head_of
from web.http.bodies import Form
from web.http.visit import Visit

Faults = Mapping[str, str]

NOT_SHOWN_AGAIN = {"password", "current", "new"}
REFUSED_IN_THE_FORM = {401, 403, 409, 422, 429}


class Again(Protocol):
    """A form with what was typed into it."""

    def __call__(self, *, status: int = 422, head: str = "", faults: Faults | None = None) -> Response: ...


def form_page(visit: Visit, template: str, form: Form | Mapping[str, str], **more: Any) -> Again:
    """How the page of a form is rendered again. Passwords are never sent back."""
    values = {name: "" if name in NOT_SHOWN_AGAIN else form.get(name, "") for name in LABELS}

    def again(*, status: int = 422, head: str = "", faults: Faults | None = None) -> Response:
        context = {"values": values, "faults": faults or {}, "labels": LABELS, "head": head, **more}
        return visit.page(template, status, **context)

    return again


def refusal(visit: Visit, error: Refused | TryLater, again: Again) -> Response:
    """The form again. Raises Refused for what a form can say nothing about."""
    if isinstance(error, TryLater):
        return _later(again(status=503, head=BUSY), error.seconds)
    if error.status not in REFUSED_IN_THE_FORM:
        raise error
    head = head_of(error, visit.ports.shop.locale)
    if error.status == 429:
        return _later(again(status=429, head=head), int(error.document.get("retry_after", 1)))
    return again(head=head, faults=faults_in(error))


def _later(response: Response, seconds: int) -> Response:
    response.headers["Retry-After"] = str(seconds)
    return response
