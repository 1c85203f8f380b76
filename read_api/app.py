"""The read API as an ASGI application."""

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from http_edge.security_headers import SecurityHeaders
from projections.engine.builds import Status
from read_api.graphql.batching import BatchedReads
from read_api.graphql.context import Context
from read_api.graphql.payers import Client
from read_api.graphql.turns import EnginesTurns
from read_api.http import graphiql
from read_api.http.body_limit import BodyLimit
from read_api.http.endpoint import Endpoint, Socket
from read_api.http.problems import not_ready, on_http_error, on_unexpected
from read_api.order_feed import OrderFeed
from read_api.ports import Caller, Ports

GRAPHQL = "/graphql"


class ReadApi(FastAPI):
    """Queries go straight to the endpoint; everything else is routed."""

    endpoint: Endpoint
    queries: Route
    """What a query would have been routed to, for whoever measures by routes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == GRAPHQL:
            scope["route"] = self.queries
            await self.endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(ports: Ports, turns: EnginesTurns | None = None) -> ReadApi:
    """GraphQL at /graphql, and what a supervisor asks at /health. `turns` are those of searches and the like."""
    app = ReadApi(title="Counterfoil: read API", docs_url=None, redoc_url=None, openapi_url=None)
    feed, together = OrderFeed(ports.models), BatchedReads(ports.models, ports.warehouses)
    in_turn = turns or EnginesTurns()

    def context(caller: Caller | None, client: Client) -> Context:
        return Context(ports, caller, feed, together, in_turn, client)

    async def live(_request: Request) -> Response:
        return Response(status_code=204)

    async def ready(_request: Request) -> Response:
        if wrong := await ports.health():
            return not_ready(wrong)
        builds = [build for build in await ports.models.builds() if build.status is Status.ACTIVE]
        failed, parked = [it.name for it in builds if it.error], {it.name: it.parked for it in builds if it.parked}
        if failed or parked:
            return JSONResponse({"status": "degraded", "failed": failed, "parked": parked})
        return Response(status_code=204)

    async def health(_request: Request) -> Response:
        if wrong := await ports.health():
            return not_ready(wrong)
        return JSONResponse({"status": "ok"})

    app.endpoint = Endpoint(ports.tokens, context)
    app.state.ports, app.state.plans = ports, app.endpoint.plans
    app.queries = Route(GRAPHQL, app.endpoint, methods=["POST"])
    app.add_route(GRAPHQL, graphiql.page, methods=["GET"])
    app.add_route("/graphql/assets/{name}", graphiql.asset, methods=["GET"])
    app.router.routes.append(WebSocketRoute(GRAPHQL, Socket(ports.tokens, context)))
    app.add_route("/health", health)
    app.add_route("/health/live", live)
    app.add_route("/health/ready", ready)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(Exception, on_unexpected)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    return app
