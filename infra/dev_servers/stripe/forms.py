"""Stripe's forms: `metadata[order]=7&expand[0]=latest_charge` as nested objects and lists."""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

Json = dict[str, Any]

KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def decode(pairs: Iterable[tuple[str, str]]) -> Json:
    """The parameters of a request. Keys that are not of Stripe's form stay as they are, to be refused as unknown."""
    form: Json = {}
    for name, value in pairs:
        if (match := KEY.fullmatch(name)) is None:
            form[name] = value
            continue
        path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        _place(form, path, value)
    return {name: _listed(value) for name, value in form.items()}


def _place(into: Json, path: list[str], value: str) -> None:
    for step, following in pairwise(path):
        inner = into.setdefault(step or str(len(into)), {})
        if not isinstance(inner, dict):
            inner = into[step] = {}
        into, last = inner, following
    last = path[-1]
    into[last or str(len(into))] = value


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(each) for name, each in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
