"""Queries: operations from files, read your writes, and what to do when they are not answered."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from web.api.faults import AccessRefused, NotFound, SessionOver, TryLater
from web.ports import Api

HEAD = re.compile(r"query (?P<name>\w+)(?:\((?P<variables>[^)]*)\))? \{")
STALE, REBUILDING = "STALE", "REBUILDING"
LATER = {REBUILDING, "UNAVAILABLE", "BUSY", "RATE_LIMITED", "TOO_SLOW"}
"""Codes of errors that pass by themselves."""


class QueryRefused(Exception):
    """The read API refuses an operation of ours: a fault of ours, or of a version that does not fit."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The data; `stale` if it may lack the effect of the last command; `missing`: codes of optional fields' errors."""

    data: Mapping[str, Any]
    stale: bool = False
    missing: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.data[name]


@cache
def operation(name: str, *, after: bool = False) -> str:
    """The text of operations/<name>.graphql; with `after` it waits for the position in the variable `$position`.

    There are these two texts of each, always the same, so that the read API reuses its plans.
    """
    text = (files("web") / "operations" / f"{name}.graphql").read_text()
    return HEAD.sub(_waiting, text, count=1) if after else text


def _waiting(head: re.Match[str]) -> str:
    variables = ", ".join(filter(None, (head["variables"], "$position: Position!")))
    return f"query {head['name']}({variables}) @after(position: $position) {{"


async def ask(
    api: Api,
    name: str,
    variables: Mapping[str, Any],
    *,
    headers: Mapping[str, str],
    after: str | None = None,
    optional: tuple[str, ...] = (),
) -> Answer:
    """Carry out an operation. Fields in `optional` may be missing from the answer for a while.

    Raises TryLater, NotFound, SessionOver, AccessRefused, ApiUnreachable, QueryRefused.
    """
    told = {**variables, "position": after} if after else variables
    body = {"query": operation(name, after=after is not None), "variables": told}
    reply = await api.send("POST", "/graphql", body, headers)
    if reply.status == 401:
        raise SessionOver
    if reply.status == 503:
        raise TryLater(_seconds(reply.headers))
    errors = reply.document.get("errors", [])
    codes = {_field(error): error.get("extensions", {}).get("code", "") for error in errors}
    if after is not None and STALE in codes.values():
        fresh = await ask(api, name, variables, headers=headers, optional=optional)
        return Answer(fresh.data, stale=True, missing=fresh.missing)
    for at, code in codes.items():
        if at not in optional:
            _refuse(code, errors, reply.headers)
    data = reply.document.get("data")
    if reply.status != 200 or data is None:
        raise QueryRefused(f"{name}: {reply.status} {errors}")
    return Answer(data, missing={at: code for at, code in codes.items() if at})


def _field(error: Mapping[str, Any]) -> str:
    """The field of Query that an error is about."""
    return str((error.get("path") or [""])[0])


def _refuse(code: str, errors: Any, headers: Mapping[str, str]) -> None:
    if code in LATER:
        raise TryLater(_seconds(headers), rebuilding=code == REBUILDING)
    if code == "NOT_FOUND":
        raise NotFound
    if code == "UNAUTHENTICATED":
        raise SessionOver
    if code == "FORBIDDEN":
        raise AccessRefused
    raise QueryRefused(f"{errors}")


def _seconds(headers: Mapping[str, str]) -> int:
    told = headers.get("retry-after", "")
    return int(told) if told.isdigit() else 1
