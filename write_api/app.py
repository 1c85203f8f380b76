"""The write API, put together from what it needs."""

from collections.abc import Sequence
from itertools import chain

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig

from http_edge.security_headers import SecurityHeaders
from write_api import (
    account,
    api_keys,
    auth,
    carts,
    categories,
    checkouts,
    dead_letters,
    erasure,
    guest_orders,
    login_methods,
    logins,
    orders,
    own_data,
    passkey_login,
    payments,
    processes,
    products,
    promotions,
    provider_login,
    read_models,
    roles,
    second_factor,
    sessions,
    shipments,
    staff,
    stock,
)
from write_api.http import docs_page, health, jwks, problems
from write_api.http.express import LANES, Express, Lane
from write_api.http.idempotency import Answers
from write_api.http.openapi import describe
from write_api.ports import Ports
from write_api.webhooks import payment_events

SUBJECTS = (
    sessions,
    auth,
    second_factor,
    passkey_login,
    provider_login,
    logins,
    login_methods,
    account,
    own_data,
    guest_orders,
    carts,
    checkouts,
    orders,
    products,
    promotions,
    categories,
    stock,
    shipments,
    payments,
    erasure,
    processes,
    dead_letters,
    read_models,
    staff,
    roles,
    api_keys,
    payment_events,
)


def create_app(ports: Ports, lanes: Sequence[Lane] = LANES, *, observed: bool = True) -> FastAPI:
    """The application; everything outside comes with `ports`. Not observed: no request looks for who listens to it."""
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        version="1",
        generate_unique_id_function=lambda route: route.name,
        telemetry=TelemetryConfig(tracing=observed, metrics=observed, logs=observed),
    )
    app.state.ports = ports
    app.state.answers = Answers(ports.rules.answers_kept)
    app.add_middleware(Express, lanes=lanes)
    app.add_middleware(SecurityHeaders)
    problems.install(app)
    describe(app)
    routers = [*(subject.router for subject in SUBJECTS), health.router, jwks.router, docs_page.router, *ports.more]
    for router in routers:
        app.include_router(router)

    @app.get("/", include_in_schema=False)
    async def start() -> RedirectResponse:
        return RedirectResponse("/docs")

    routes = chain(app.routes, *(router.routes for router in routers))
    app.state.routes = [route for route in routes if isinstance(route, APIRoute)]
    return app
