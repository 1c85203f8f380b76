"""Pages with a form: shown, and shown again with what to do when it could not be carried out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from web.api.faults import TryLater
from web.api.write import Refused
from web.forms.account import BUSY, LABELS, NOT_YOUR_PASSWORD, faults_in, head_of
from web.http.visit import Visit

NOT_SHOWN_AGAIN = {"password", "current", "new"}
REFUSED_IN_THE_FORM = {401, 403, 409, 422, 429}


@dataclass(frozen=True, slots=True)
class FormPage:
    """The page of a form, with what was typed. Passwords are never sent back."""

    visit: Visit
    template: str
    typed: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=lambda: LABELS)
    more: Mapping[str, Any] = field(default_factory=dict)

    def shown(self, status: int = 200, *, head: str = "", faults: Mapping[str, str] | None = None) -> Response:
        values = {name: "" if name in NOT_SHOWN_AGAIN else self.typed.get(name, "") for name in self.labels}
        context = {"values": values, "faults": faults or {}, "labels": self.labels, "head": head, **self.more}
        return self.visit.page(self.template, status, **context)

    def again(self, faults: Mapping[str, str] | None = None, *, head: str = "") -> Response:
        """The form, to be looked at again."""
        return self.shown(422, head=head, faults=faults)

    def refused(self, error: Refused | TryLater, *, password: str = "") -> Response:
        """The form with what the API says of it; `password`: the field that a wrong password was typed into.

        Raises Refused for what a form can say nothing about.
        """
        if isinstance(error, TryLater):
            return self._later(503, BUSY, error.seconds)
        if error.status not in REFUSED_IN_THE_FORM:
            raise error
        market = self.visit.market
        head = head_of(error, self.labels, market)
        if error.status == 429:
            return self._later(429, head, int(error.document.get("retry_after", 1)))
        if password and error.code == "wrong-credentials":
            return self.again({password: NOT_YOUR_PASSWORD})
        return self.again(faults_in(error, self.labels, market), head=head)

    def _later(self, status: int, head: str, seconds: int) -> Response:
        response = self.shown(status, head=head)
        response.headers["Retry-After"] = str(seconds)
        return response
