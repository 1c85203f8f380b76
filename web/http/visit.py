"""One request of a browser: its session, queries and commands on its behalf, and the page that answers it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from web.api import read, write
from web.api.faults import ReauthenticationRequired, SessionOver, TryLater
from web.http import cookies, session
from web.http.bodies import Form, form_of
from web.http.markets import is_desk, market_of, page_of
from web.http.rendering import Pages
from web.ports import Ports, Rights, Session
from web.texts.links import login_link, own_path
from web.texts.markets import Market

COOKIE_DAYS = 30
ROSTER_READ_WITHIN = 1.2
"""Seconds after which every process of the read API has read the roster of staff again."""

SECONDS_A_DAY = 86_400
LOGIN_TOO_OLD = "reauthentication-required"


@dataclass(slots=True)
class Visit:
    """A request and its session, which public pages do not look at."""

    request: Request
    ports: Ports
    pages: Pages
    secret: str | None = None
    session: Session | None = None
    _cookie: str | None = None
    _ends: bool = False

    @property
    def query(self) -> QueryParams:
        return self.request.query_params

    @property
    def path(self) -> Mapping[str, str]:
        return self.request.path_params

    @property
    def market(self) -> Market:
        """Whom the page is for, by its address."""
        return market_of(self.ports.shop, self.request)

    @property
    def here(self) -> str:
        """The path, which is the same in all markets."""
        return self.request.url.path.removeprefix(self.market.prefix)

    @property
    def here_with_query(self) -> str:
        """To come back to."""
        query = self.request.url.query
        return f"{self.here}?{query}" if query else self.here

    @property
    def is_fragment(self) -> bool:
        """Whether a script asks, and puts the answer into the page that is shown."""
        return "hx-request" in self.request.headers

    async def form(self) -> Form:
        """What was typed. Raises HTTPException."""
        return await form_of(self.request)

    # Sessions

    async def begin(self) -> Session:
        """The session; a guest's is opened if there is none. Raises TryLater, SessionsUnavailable."""
        if self.session is None:
            await self.enter(await session.guest(self.ports, self._headers()))
        assert self.session is not None
        return self.session

    async def enter(self, fresh: Session) -> None:
        """Begin a session under a new secret, as at each login; the one before ends."""
        before, self.secret = self.secret, self.ports.new_secret()
        await self.ports.sessions.put(self.secret, fresh)
        if before is not None:
            await self.ports.sessions.remove(before)
        self.session, self._cookie, self._ends = fresh, self.secret, False

    async def leave(self) -> None:
        """End the session, as at a logout."""
        if self.secret is not None:
            await self.ports.sessions.remove(self.secret)
        self.session, self.secret, self._cookie, self._ends = None, None, None, True

    async def remember(self, **fields: Any) -> None:
        """Change fields of the session."""
        assert self.secret is not None

        async def changed(present: Session) -> Session:
            return replace(present, **fields)

        self.session = await self.ports.sessions.change(self.secret, changed)

    def key_for(self, *what: object) -> str:
        """An Idempotency-Key for a form that stands on cached pages: the same wish has the same key."""
        assert self.secret is not None
        return session.derived_key(self.secret, *what)

    # The APIs

    async def ask(self, operation: str, *optional: str, **variables: Any) -> read.Answer:
        """Carry out operations/<operation>.graphql as the visitor, with the result of their last command in it.

        On a public page there is no visitor. Errors of fields in `optional` are in `Answer.missing`; others raise.
        For staff a query that came too early is sent once more: each process learns within a second who has joined.
        """
        try:
            return await self._ask(operation, optional, variables)
        except TryLater as later:
            if later.rebuilding or self.session is None or not self.session.is_staff:
                raise
        await asyncio.sleep(ROSTER_READ_WITHIN)
        return await self._ask(operation, optional, variables)

    async def _ask(self, operation: str, optional: tuple[str, ...], variables: Mapping[str, Any]) -> read.Answer:
        after = session.waits_for(self.session, self.ports.clock().timestamp()) if self.session else None
        return await read.ask(
            self.ports.read, operation, variables, headers=self._headers(), after=after, optional=optional
        )

    async def command(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        key: str,
        revision: str = "",
        remember: Callable[[write.Done], Mapping[str, Any]] = lambda _: {},
    ) -> write.Done:
        """Carry out a command as the visitor; what they see next has its result. `remember`: fields of the session.

        With the `revision` that the visitor saw it is carried out only if the thing has no later one (412).

        Raises Refused, SessionOver, AccessRefused, TryLater, and for staff ReauthenticationRequired.
        """
        if self.session is None:
            raise SessionOver
        headers = {**self._headers(), "If-Match": f'"{revision}"'} if revision else self._headers()
        try:
            done = await write.send(self.ports.write, method, path, body, headers=headers, key=key)
        except write.Refused as refused:
            if refused.code == LOGIN_TOO_OLD and self.session.is_staff:
                raise ReauthenticationRequired from None
            raise
        fields = dict(remember(done))
        if done.position:
            fields |= {"position": done.position, "position_at": self.ports.clock().timestamp()}
        if fields:
            await self.remember(**fields)
        return done

    async def submit(self, path: str, body: Mapping[str, Any]) -> write.Done:
        """A POST that needs no session, such as a login. Raises Refused, SessionOver, TryLater."""
        key = self.ports.new_key()
        return await write.send(self.ports.write, "POST", path, body, headers=self._headers(), key=key)

    async def look(self, path: str) -> Mapping[str, Any]:
        """What the write API shows visitors of their own account.

        Raises Refused where it needs a login of the last minutes, SessionOver, NotFound, TryLater.
        """
        return await write.look(self.ports.write, path, headers=self._headers())

    async def rights(self, lasting: float) -> Rights:
        """What another process needs to send commands as the visitor, for so many seconds if any token lasts as long.

        Raises SessionOver, TryLater.
        """
        if self.session is None or self.secret is None:
            raise SessionOver
        self.session = await session.with_living_token(self.ports, self.secret, self.session, lasting=lasting)
        return Rights(token=self.session.token, expires=self.session.expires, address=self._address)

    @property
    def _address(self) -> str | None:
        return None if self.request.client is None else self.request.client.host

    def _headers(self) -> dict[str, str]:
        return write.headers(None if self.session is None else self.session.token, self._address)

    # Responses

    def page(self, template: str, status: int = 200, /, **context: Any) -> Response:
        """Render a template of templates/. Inputs are escaped; a variable that is not given is a fault of ours."""
        response = self.pages.response(self.market, template, status, {**self._shared(), **context})
        return self._with_cookie(response)

    def download(self, name: str, content: bytes, media_type: str) -> Response:
        """A file for the visitor to keep; the page that asked for it stays."""
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return self._with_cookie(Response(content, media_type=media_type, headers=headers))

    def go(self, path: str) -> Response:
        """After a command: let the browser get a page of the same market (303). A script that asked goes there too."""
        path = self.market.prefix + path if path.startswith("/") and not is_desk(path) else path
        if self.is_fragment:
            return self._with_cookie(Response(status_code=204, headers={"HX-Redirect": path}))
        return self._with_cookie(RedirectResponse(path, 303))

    def document(self, content: Mapping[str, Any]) -> Response:
        """JSON for a script of the page."""
        return self._with_cookie(JSONResponse(dict(content)))

    def nothing(self) -> Response:
        return self._with_cookie(Response(status_code=204))

    def _shared(self) -> dict[str, Any]:
        """What every template knows."""
        return {
            "visit": self,
            "session": self.session,
            "shop": self.ports.shop,
            "here": self.here,
            "stays": self._in_all_markets(),
            "login_link": login_link(self._shown()),
            "departments": self.request.app.state.navigation.departments,
            "products_on_sale": self.request.app.state.navigation.products,
            "filling": self.request.app.state.navigation.filling,
            "new_key": self.ports.new_key,
        }

    def _in_all_markets(self) -> str:
        """The path at which other markets have what is shown."""
        if is_desk(self.here):
            return "/"
        return self.here_with_query if self.request.method == "GET" else page_of(self.request, self.here)

    def _shown(self) -> str:
        """The page that the visitor looks at, as a path: a fragment becomes part of another one."""
        url = urlsplit(self.request.headers.get("hx-current-url", "") if self.is_fragment else str(self.request.url))
        path = url.path.removeprefix(self.market.prefix)
        return own_path(f"{path}?{url.query}" if url.query else path, "/")

    def _with_cookie(self, response: Response) -> Response:
        if self._cookie is not None:
            assert self.session is not None
            lasts = int(min(COOKIE_DAYS * SECONDS_A_DAY, self.session.ends - self.ports.clock().timestamp()))
            cookies.set_session(response, self.request, self.ports.shop, self._cookie, lasts)
        elif self._ends:
            cookies.end_session(response, self.request, self.ports.shop)
        return response
