"""The express lane: what shoppers say most often, without what FastAPI does for every route whatever it is.

The routes of these commands stand in `carts` and `checkouts`, and describe themselves there. Here the same functions
are called on the same bodies, by the same rules, and give the same answers, byte for byte. Whatever is out of the
ordinary (a body that is not right, a header that is seldom sent) goes on to the route, with nothing done so far.
"""

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from pydantic import ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.staff.permissions import Permission
from write_api.carts import NewCart, NewItems, add_to_cart, open_a_cart
from write_api.checkouts import NewCheckout, buy
from write_api.http.context import Context, context_of
from write_api.http.fields import Body
from write_api.http.ownership import cart_of_caller
from write_api.http.problems import REFUSED, refused
from write_api.http.responses import Accepted
from write_api.http.route import authenticated, once, received, replayed
from write_api.ports import Ports

SELDOM = (b"correlation-id", b"if-match")


@dataclass(frozen=True, slots=True)
class Lane:
    """A command of shoppers: its route, what matches it (the id in it as a group), body, status, who carries it out."""

    path: str
    matches: re.Pattern[str]
    body: type[Body]
    status: int
    carry_out: Callable[[Context, Any, str], Awaitable[Accepted]]


async def _open(context: Context, body: NewCart, _: str) -> Accepted:
    return await open_a_cart(context, body)


async def _add(context: Context, body: NewItems, cart_id: str) -> Accepted:
    return await add_to_cart(context, await cart_of_caller(context, cart_id), body)


async def _buy(context: Context, body: NewCheckout, _: str) -> Accepted:
    return await buy(context, body)


LANES = (
    Lane("/carts", re.compile(r"/carts()"), NewCart, 201, _open),
    Lane("/carts/{cart_id}/items", re.compile(r"/carts/([A-Za-z0-9][A-Za-z0-9._-]{0,99})/items"), NewItems, 200, _add),
    Lane("/checkouts", re.compile(r"/checkouts()"), NewCheckout, 202, _buy),
)


class Express:
    """In front of the routes."""

    def __init__(self, app: ASGIApp, lanes: Sequence[Lane]) -> None:
        self.app = app
        self.lanes = lanes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            for lane in self.lanes:
                if (found := lane.matches.fullmatch(scope["path"])) is not None:
                    scope["route"] = lane  # as routes do: metrics are kept by route
                    await self._pass(lane, found[1], scope, receive, send)
                    return
        await self.app(scope, receive, send)

    async def _pass(self, lane: Lane, named: str, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            ports: Ports = request.app.state.ports
            caller = authenticated(request, ports.tokens)
            said, ticket = await received(request, caller)
            if (body := _understood(lane, said, scope)) is None:
                await self.app(scope, replayed(said), send)
                return

            async def carry_out() -> Response:
                response = Response(status_code=lane.status, media_type="application/json")
                context = context_of(
                    ports, ticket, [Permission.SHOP], response, None, request.headers.get("traceparent")
                )
                accepted = await lane.carry_out(context, body, named)
                return _filled(response, accepted)

            response = await once(request, ticket, carry_out)
        except REFUSED as error:
            response = await refused(request, error)
        await response(scope, receive, send)


def _understood(lane: Lane, said: bytes, scope: Scope) -> Body | None:
    """None: that is for the route to judge."""
    if any(name in SELDOM for name, _ in scope["headers"]):
        return None
    try:
        return lane.body.model_validate(json.loads(said))
    except (ValidationError, ValueError, RecursionError):
        return None


def _filled(response: Response, accepted: Accepted) -> Response:
    response.body = accepted.model_dump_json().encode()
    response.headers["content-length"] = str(len(response.body))
    return response
