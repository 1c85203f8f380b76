"""What all pages of the back office share: who works, what they may do, and what became of a command."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from web.api.faults import TryLater
from web.api.read import Answer
from web.api.write import Refused
from web.http.bodies import Form
from web.http.visit import Visit
from web.texts.actors import who
from web.texts.problems import faults_of, text_of

CONFLICT = "precondition-failed"
DONE_BEFORE = "command-id-reused"

NO_VALUES = Form([])


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that was not carried out: which form, what was typed there, and why not.

    `changed_by` and `changed_at`: who changed the thing after the page was rendered, and when.
    """

    form: str = ""
    text: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=lambda: NO_VALUES)
    changed_by: str | None = None
    changed_at: str | None = None
    is_conflict: bool = False

    def of(self, form: str) -> "Refusal":
        """For the template of one form: this refusal if it is of that form, else none."""
        return self if self.form == form else NONE


NONE = Refusal()


async def attempt(
    visit: Visit,
    form: Form,
    name: str,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
) -> Refusal | None:
    """Carry out the command of a form; None when it was carried out, now or by an earlier sending of the form.

    `names`: the field of the form for REST paths that differ. Raises AccessRefused, NotFound, SessionOver, TryLater.
    """
    try:
        await visit.command(
            method, path, body, key=form["key"] or visit.ports.new_key(), revision=digits(form["revision"])
        )
    except Refused as refused:
        if refused.code == DONE_BEFORE:
            return None
        changed_by = await _named(visit, refused.document.get("changed_by"))
        return refusal(refused, form, name, names, changed_by=changed_by)
    return None


async def _named(visit: Visit, actor: str | None) -> str | None:
    """What the actor is called, for those who may know; the read API names members of staff and API keys only."""
    if not actor:
        return None
    assert visit.session is not None
    try:
        name = (await visit.ask("desk_actor", "actorName", actor=actor))["actorName"]
    except TryLater:
        name = None
    return who(actor, name, visit.session.subject)


def refusal(
    refused: Refused, form: Form, name: str, names: Mapping[str, str] | None = None, *, changed_by: str | None = None
) -> Refusal:
    is_conflict = refused.code == CONFLICT
    faults = {} if is_conflict else faults_of(refused, names)
    return Refusal(
        form=name,
        text="" if is_conflict else text_of(refused),
        faults=faults,
        values=form,
        changed_by=changed_by,
        changed_at=refused.document.get("changed_at"),
        is_conflict=is_conflict,
    )


def faulty(form: Form, name: str, faults: Mapping[str, str]) -> Refusal:
    """What was typed cannot be sent."""
    return Refusal(form=name, faults=faults, values=form)


def digits(text: str) -> str:
    """A revision as a form has it; empty for anything else."""
    return text if text.isascii() and text.isdigit() else ""


def page(visit: Visit, template: str, answer: Answer, refused: Refusal | None = None, **context: Any) -> Response:
    """A page of the back office. 422 when a command was refused, 409 when the thing was changed in the meantime."""
    permissions = frozenset(answer["me"]["permissions"])
    status = 200 if refused is None else 409 if refused.is_conflict else 422
    return visit.page(
        f"back_office/{template}.html",
        status,
        permissions=permissions,
        stale=answer.stale,
        refused=refused or NONE,
        **context,
    )
