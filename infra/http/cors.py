"""Lets pages of other origins ask the APIs (CORS: Fetch, section 3.3): those that are set, and without cookies."""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SENT = ("Authorization", "Content-Type", "Correlation-Id", "Idempotency-Key", "If-Match", "traceparent", "tracestate")
READ = ("Counterfoil-Position", "ETag", "Location", "Retry-After", "WWW-Authenticate")
"""Headers of answers that scripts may see besides those that they always see."""

KNOWN_FOR = 600
"""Seconds for which a browser does not ask again whether it may."""


def shared_with_pages(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """The application, for pages of these origins too. Tokens are sent by scripts, so no credentials are allowed."""
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=METHODS,
        allow_headers=SENT,
        expose_headers=READ,
        allow_credentials=False,
        max_age=KNOWN_FOR,
    )
