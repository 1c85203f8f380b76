"""Writing promotions: the kind is chosen first, then its form. It drafts, edits a draft, or replaces one."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from web.api.faults import NotFound
from web.api.write import Refused, segment
from web.back_office import desk
from web.back_office.desk import DONE_BEFORE, Refusal, faulty, refusal
from web.back_office.targets import resolved
from web.forms.promotion import KINDS, LABELS, PHASES, Kind, names_for, parsed, rows_of
from web.forms.promotion_values import kind_of, typed_of
from web.http.bodies import Form
from web.http.routes import action, staff
from web.http.visit import Visit

LIST = "/desk/promotions"
PATH = f"{LIST}/new"
ROW = "Row {}"
STEP = 10
"""Between the priorities that are proposed, so that there is room between two."""

FROM = ("edits", "replaces", "like")
"""What a form may begin from: the draft that it edits, the promotion that it replaces, or one to copy."""

BUTTON = {"": "Draft it", "edits": "Store the draft", "replaces": "Replace it now", "like": "Draft it"}
HEAD = {"": "New promotion", "edits": "Edit the draft", "replaces": "Replace a promotion", "like": "New promotion"}


async def choose(visit: Visit) -> Response:
    """Which kind. What the form begins from goes along."""
    answer, name, it = await visit.ask("desk_promotion_form"), *_begins_from(visit.query)
    return desk.page(visit, "promotion_kinds", answer, kinds=KINDS, begins=f"?{name}={it}" if it else "")


async def show(visit: Visit) -> Response:
    return await _form(visit, await _begun(visit))


async def write(visit: Visit) -> Response:
    form, kind = await visit.form(), _kind(visit)
    if form["more"]:
        return await _form(visit, form, more=True)
    targets, faults = await resolved(visit, form)
    body, found = parsed(kind, form, visit.ports.shop.locale, lambda ending: targets[ending])
    if faults := {**found, **faults}:
        return await _form(visit, form, faulty(form, "promotion", faults))
    name, it = _begins_from(form)
    method, path = {
        "edits": ("PUT", f"/promotions/{it}"),
        "replaces": ("POST", f"/promotions/{it}/replace"),
    }.get(name, ("POST", "/promotions"))
    try:
        done = await visit.command(method, path, body, key=form["key"] or visit.ports.new_key())
    except Refused as refused:
        if refused.code == DONE_BEFORE:
            return visit.go(LIST)
        return await _form(visit, form, refusal(refused, form, "promotion", names_for(form)))
    return visit.go(f"{LIST}/{done.document.get('promotion_id', it)}")


def _kind(visit: Visit) -> Kind:
    if (kind := KINDS.get(visit.path["kind"])) is None:
        raise NotFound
    return kind


def _begins_from(typed: Mapping[str, str]) -> tuple[str, str]:
    """Its name and the id of the promotion; both empty for a new one. Raises NotFound."""
    return next(((name, segment(it)) for name in FROM if (it := typed.get(name))), ("", ""))


async def _begun(visit: Visit) -> Form:
    """What an empty form holds, or the promotion that it begins from."""
    name, it = _begins_from(visit.query)
    if not it:
        return Form([])
    promotion = (await visit.ask("desk_promotion", id=it))["promotion"]
    if promotion is None:
        raise NotFound
    typed = dict(typed_of(promotion, visit.ports.shop.locale))
    if visit.path["kind"] != kind_of(promotion):
        typed = {field: typed[field] for field in ("title", "priority", "exclusive", "threshold") if field in typed}
    if name == "like":
        typed |= {"priority": ""}
    return Form([*typed.items(), (name, it)])


async def _form(visit: Visit, form: Form, refused: Refusal | None = None, *, more: bool = False) -> Response:
    kind = _kind(visit)
    answer, (name, it) = await visit.ask("desk_promotion_form"), _begins_from(form)
    others = [
        edge["node"] for edge in answer["promotions"]["edges"] if edge["node"]["status"] in ("IN_FORCE", "SCHEDULED")
    ]
    proposed = {"priority": _next_priority(others), "currency": _currency(answer), "phase": kind.phases[0]}
    faults = refused.faults if refused else ()
    was_sent = more or refused is not None
    values = form if was_sent else Form([*proposed.items(), *((name, value) for name, value in form.items() if value)])
    return desk.page(
        visit,
        "promotion_form",
        answer,
        refused,
        kind=kind,
        slug=visit.path["kind"],
        phases=[(phase, PHASES[phase]) for phase in kind.phases],
        values=values,
        rows=rows_of(form, more=more),
        labels={**LABELS, **{name: ROW.format(int(row) + 1) for name in faults if (row := name.partition("-")[2])}},
        others=sorted(others, key=lambda other: (other["phase"], other["priority"])),
        head=HEAD[name],
        button=BUTTON[name],
        begins=name,
        it=it,
    )


def _next_priority(others: list[Any]) -> str:
    return str(max((it["priority"] for it in others), default=0) // STEP * STEP + STEP)


def _currency(answer: Any) -> str:
    """That of the prices of the shop."""
    prices = [edge["node"]["price"] for edge in answer["products"]["edges"]]
    return next((price["currency"] for price in prices if price), "")


ROUTES = [
    staff(PATH, choose),
    staff(f"{PATH}/{{kind}}", show),
    action(f"{PATH}/{{kind}}", write, for_staff=True),
]
