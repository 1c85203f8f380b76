"""States of streams for people: values in groups, times and ids in short."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from web.ports import Shop
from web.texts import formats

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")
ID = re.compile(r"\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")

Value = Mapping[str, Any]


def brief(text: str) -> str:
    """The beginnings of ids; the whole ones are in what is stored."""
    return ID.sub(r"\1…", text).replace("….", "…")


def plainly(shop: Shop) -> Callable[[str], str]:
    """Makes values and names of states readable: times as the shop writes them, ids by their beginnings."""
    time = formats.filters(shop.locale, shop.time_zone)["time"]
    return lambda text: time(text) if TIME.fullmatch(text) else brief(text)


def grouped(values: Sequence[Value]) -> list[tuple[tuple[str, ...], list[Value]]]:
    """Values that stand together, by the names that they share; each value has the rest of its path in `rest`."""
    found = list[tuple[tuple[str, ...], list[Value]]]()
    for head, members in groupby(values, key=_head):
        found.append((head, [{**it, "rest": it["path"][len(head) :]} for it in members]))
    return found


def _head(value: Value) -> tuple[str, ...]:
    path = value["path"]
    return tuple(path[: min(2, len(path) - 1)])
