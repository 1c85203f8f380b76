"""The history of any stream: what each event says and changed, what the stream was then, and its chain verified."""

import asyncio
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import Response

from web.api.faults import NotFound
from web.back_office.cockpit import permissions_of
from web.http.routes import staff
from web.http.visit import Visit
from web.texts.states import brief, grouped, plainly

HISTORY = "/desk/history"
PAGE = 50
MOST_EVIDENCE = 5_000
"""Events in one download; of a longer stream a backup is the evidence."""

LONGEST = 200
REVISION = re.compile("[0-9]{1,9}")
KINDS = {
    "order": "Order",
    "product": "Product",
    "cart": "Cart",
    "stock": "Stock (SKU@warehouse)",
    "checkout": "Checkout",
    "payment": "Payment",
    "fulfilment": "Fulfilment of an order",
    "shipment": "Parcel",
    "": "Any stream, by its whole name",
}
SAME_ID = ("order", "checkout", "payment", "fulfilment")
"""Streams of one purchase share an id."""


async def find(visit: Visit) -> Response:
    """A stream by its name, as typed."""
    kind, typed = visit.query.get("kind", ""), visit.query.get("id", "").strip()[:LONGEST]
    if typed:
        begin = f"{kind}-" if kind in KINDS and kind else ""
        return visit.go(address(typed if typed.startswith(begin) else f"{begin}{typed}"))
    answer = await visit.ask("desk_me")
    return visit.page("back_office/find_history.html", permissions=permissions_of(answer["me"]), kinds=KINDS)


async def show(visit: Visit) -> Response:
    stream = visit.path["stream"]
    asked = Asked(visit)
    history, moment, verified = await asyncio.gather(
        visit.ask("desk_history", stream=stream, **asked.variables), _moment(visit, stream), _verified(visit, stream)
    )
    return visit.page(
        "back_office/history.html",
        permissions=permissions_of(history["me"]),
        stream=stream,
        related=_related(stream),
        subject=_subject(stream, permissions_of(history["me"])),
        asked=asked,
        found=history["history"],
        moment=moment,
        verified=verified,
        address=address(stream),
        plain=plainly(visit.ports.shop),
        brief=brief,
        stale=history.stale,
    )


class Asked:
    """What the address asks for: a filter, a place, and an event that is open."""

    def __init__(self, visit: Visit) -> None:
        zone = ZoneInfo(visit.ports.shop.time_zone)
        self.query = {name: visit.query.get(name, "") for name in ("type", "actor", "from", "to", "event", "against")}
        self.before, self.after = visit.query.get("before") or None, visit.query.get("after") or None
        since, until = (_time(self.query[name], zone) for name in ("from", "to"))
        page = {"first": PAGE, "after": self.after} if self.after else {"last": PAGE, "before": self.before}
        self.variables: Mapping[str, Any] = {
            **page,
            "types": [self.query["type"]] if self.query["type"] else None,
            "actor": self.query["actor"] or None,
            "from": since,
            "to": until,
        }

    @property
    def narrowed(self) -> bool:
        return any(self.query[name] for name in ("type", "actor", "from", "to"))

    @property
    def place(self) -> Mapping[str, str]:
        return {name: value for name, value in (("before", self.before), ("after", self.after)) if value}

    def link(self, **changed: object) -> str:
        """The query of an address with some values changed."""
        given = {**self.query, **self.place, **{name: str(value) for name, value in changed.items()}}
        return "?" + urlencode({name: value for name, value in given.items() if value != ""})


def _time(text: str, zone: ZoneInfo) -> str | None:
    """A day or a time as a browser's field gives it, in the shop's time zone; None for what is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).isoformat()


async def _moment(visit: Visit, stream: str) -> Mapping[str, Any] | None:
    """The event that is open, what it changed, and the stream after it."""
    chosen = visit.query.get("event", "")
    if not REVISION.fullmatch(chosen):
        return None
    revision = int(chosen)
    event, state = await asyncio.gather(
        visit.ask("desk_event", stream=stream, revision=revision),
        visit.ask("desk_state", "streamState", stream=stream, revision=revision),
    )
    if event["event"] is None:
        raise NotFound
    changes = event["event"]["changes"]
    shown = state["streamState"]
    return {
        "event": event["event"],
        "changes": None if changes is None else grouped(changes),
        "state": shown,
        "values": [] if shown is None else grouped(shown["values"]),
        "against": await _against(visit, stream, revision),
    }


async def _against(visit: Visit, stream: str, revision: int) -> Mapping[str, Any] | None:
    """The difference from another revision to this one."""
    other = visit.query.get("against", "")
    if not REVISION.fullmatch(other) or int(other) == revision:
        return None
    earlier, later = sorted((int(other), revision))
    answer = await visit.ask("desk_changes", "streamChanges", stream=stream, earlier=earlier, later=later)
    return {"earlier": earlier, "later": later, "changes": grouped(answer["streamChanges"] or [])}


async def _verified(visit: Visit, stream: str) -> Mapping[str, Any] | None:
    if not visit.query.get("verify"):
        return None
    verified: Mapping[str, Any] = (await visit.ask("desk_verify", stream=stream))["verify"]
    return verified


async def evidence(visit: Visit) -> Response:
    """The stream as stored, in the form of a backup, so that docs/verifier/verify.py verifies it."""
    stream = visit.path["stream"]
    events: list[Mapping[str, Any]] = []
    after = None
    while True:
        found = (await visit.ask("desk_evidence", stream=stream, after=after))["history"]
        events += [edge["node"] for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
        if len(events) >= MOST_EVIDENCE:
            raise HTTPException(413)
    name = quote(f"{stream}.zip", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return Response(_zipped(events), media_type="application/zip", headers=headers)


def _zipped(events: Sequence[Mapping[str, Any]]) -> bytes:
    columns = ("position", "stream", "revision", "eventId", "type", "storedData", "storedMetadata")
    lines = [[int(event["position"]), *(event[name] for name in columns[1:])] for event in events]
    log = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines).encode()
    manifest = {
        "members": {"log.jsonl": {"sha256": sha256(log).hexdigest(), "lines": len(lines)}},
        "events": len(lines),
        "head": lines[-1][0],
        "gapless": False,
    }
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as pack:
        pack.writestr("manifest.json", json.dumps(manifest, indent=2))
        pack.writestr("log.jsonl", log)
    return packed.getvalue()


def address(stream: str) -> str:
    """Where the history of a stream is."""
    return f"{HISTORY}/{quote(stream, safe='@')}"


def _related(stream: str) -> list[tuple[str, str]]:
    """Other streams of the same purchase."""
    kind, dash, it = stream.partition("-")
    if not dash or kind not in SAME_ID:
        return []
    return [(other, address(f"{other}-{it}")) for other in SAME_ID if other != kind]


SUBJECTS = {
    "order": ("The order", "/desk/orders/{}", {"orders", "fulfilment", "audit"}),
    "product": ("The product", "/desk/products/{}", {"catalogue"}),
    "stock": ("The stock", "/desk/stock/{}", {"stock"}),
}
"""Pages about what streams are about, by the kind of stream, and who may see them."""


def _subject(stream: str, permissions: frozenset[str]) -> tuple[str, str] | None:
    """The page about what the stream is about, for those who may see it."""
    kind, _, it = stream.partition("-")
    if kind not in SUBJECTS:
        return None
    text, path, needs = SUBJECTS[kind]
    return (text, path.format(quote(it.partition("@")[0], safe=""))) if needs & permissions else None


ROUTES = [
    staff(HISTORY, find),
    staff(f"{HISTORY}/{{stream}}", show),
    staff(f"{HISTORY}/{{stream}}/evidence.zip", evidence),
]
