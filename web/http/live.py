"""Live updates: server-sent events that name what changed of what a page shows (WHATWG HTML, 9.2).

They carry ids only. The page then fetches its fragment, with the rights of its visitor.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Collection

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from web.ports import Changes, TooManyWatched

MOST = 100
"""Things on one page."""

ID = re.compile(r"[A-Za-z0-9+/=]{1,200}")
"""A global id: base64."""

BEAT, LASTS = 15.0, 300.0
"""Seconds between signs of life, and until the browser has to connect again."""


async def follow(request: Request) -> Response:
    ids = set(request.query_params.get("ids", "").split(","))
    if len(ids) > MOST or not all(ID.fullmatch(it) for it in ids):
        raise HTTPException(400)
    events = _events(request.app.state.ports.changes, ids)
    first = await anext(events)
    if first is None:
        raise HTTPException(503, headers={"Retry-After": "10"})
    return StreamingResponse(_after(first, events), media_type="text/event-stream")


async def _after(first: str, rest: AsyncIterator[str | None]) -> AsyncIterator[str]:
    yield first
    async for event in rest:
        yield event or ""


async def _events(changes: Changes, ids: Collection[str]) -> AsyncIterator[str | None]:
    """The events as they go over the wire; None first when too much is watched."""
    ends = asyncio.get_running_loop().time() + LASTS
    try:
        async with changes.watching(ids) as news:
            yield "retry: 2000\n\n"
            while asyncio.get_running_loop().time() < ends:
                changed = await news.next(BEAT)
                yield "".join(f"event: changed\ndata: {it}\n\n" for it in sorted(changed)) or ": \n\n"
    except TooManyWatched:
        yield None


ROUTES = [Route("/_/live", follow, methods=["GET"])]
