"""Lists in pages, and objects with what they refer to in their place."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

from infra.dev_servers.stripe.account import KINDS, Account
from infra.dev_servers.stripe.forms import Json
from infra.dev_servers.stripe.parameters import integer, text
from infra.dev_servers.stripe.refusals import invalid, missing

PAGING = ("limit", "starting_after", "ending_before", "expand")
MOST, USUAL, DEEPEST = 100, 10, 4
OF_PREFIX = {prefix: kind for kind, prefix in KINDS.items()}
COMPARED: dict[str, Callable[[int, int], bool]] = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}


def page(url: str, found: Sequence[Json], form: Json) -> Json:
    """One page of objects, newest first. Raises Refused."""
    limit = integer(form, "limit") or USUAL
    if limit > MOST:
        raise invalid(f"Invalid integer: limit must be at most {MOST}", "limit", "parameter_invalid_integer")
    after, before = text(form, "starting_after"), text(form, "ending_before")
    if after and before:
        raise invalid("You can specify only one of starting_after and ending_before", "ending_before")
    if after:
        found = found[_place(found, after, "starting_after") + 1 :]
    shown = found[:limit]
    if before:
        found = found[: _place(found, before, "ending_before")]
        shown = found[-limit:]
    return {"object": "list", "url": url, "has_more": len(found) > len(shown), "data": list(shown)}


def created(found: Sequence[Json], form: Json) -> Sequence[Json]:
    """Those made in the time that `created` says."""
    wanted = form.get("created")
    if wanted is None:
        return found
    bounds = wanted if isinstance(wanted, dict) else {"gte": wanted, "lte": wanted}
    for name in bounds:
        if name not in COMPARED:
            raise invalid(f"Received unknown parameter: created[{name}]", f"created[{name}]", "parameter_unknown")
        bound = integer(bounds, name, 0) or 0
        found = [each for each in found if COMPARED[name](each["created"], bound)]
    return found


def matching(found: Sequence[Json], form: Json, names: Sequence[str]) -> Sequence[Json]:
    """Those whose fields have the values that are asked for."""
    for name in names:
        if (value := text(form, name)) is not None:
            found = [each for each in found if each.get(name) == value]
    return found


def expanded(account: Account, shown: Json, form: Json) -> Json:
    """A copy with the objects that `expand` names in place of their ids. Raises Refused."""
    shown = copy.deepcopy(shown)
    for path in form.get("expand") or ():
        steps = str(path).split(".")
        if len(steps) > DEEPEST:
            raise invalid("You cannot expand more than 4 levels of a property", "expand")
        _expand(account, shown, steps, str(path))
    return shown


def _expand(account: Account, within: Any, steps: Sequence[str], path: str) -> None:
    if isinstance(within, list):
        for each in within:
            _expand(account, each, steps, path)
        return
    first, *others = steps
    if not isinstance(within, dict) or first not in within:
        raise invalid(f"This property cannot be expanded ({path}).", "expand")
    value = within[first]
    if isinstance(value, str):
        kind = OF_PREFIX.get(value.partition("_")[0])
        if kind is None:
            raise invalid(f"This property cannot be expanded ({path}).", "expand")
        value = within[first] = copy.deepcopy(account.find(kind, value, "expand"))
    if others and value is not None:
        _expand(account, value, others, path)


def _place(found: Sequence[Json], id: str, param: str) -> int:
    for place, each in enumerate(found):
        if each["id"] == id:
            return place
    raise missing("object", id, param, 400)
