"""Turns requests away early when too many are under way: they would only wait, and time out."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from write_api.errors import Overloaded
from write_api.problems import answer, problem_of


class Gate:
    """Lets `most` commands in at once. Reading the documents is always allowed."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.most = most
        self.inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
        elif self.inside >= self.most:
            told = Overloaded(f"{self.most} requests are under way. Try again in a moment.")
            await answer(problem_of(told, Request(scope).url.path))(scope, receive, send)
        else:
            self.inside += 1
            try:
                await self.app(scope, receive, send)
            finally:
                self.inside -= 1
