"""Public pages: the same for all visitors, kept by caches for a while, and not sent again unchanged."""

import gzip
from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response

PUBLIC = "public, max-age=30, stale-while-revalidate=300"
IMMUTABLE = "public, max-age=31536000, immutable"
WORTH_COMPRESSING = 1_000
LEVEL = 5


def shared(request: Request, response: Response, control: str = PUBLIC) -> Response:
    """A response that caches may keep. Personal pages are never compressed, since lengths reveal content (BREACH)."""
    body = bytes(response.body)
    response.headers["Cache-Control"] = control if response.status_code == 200 else "no-store"
    if response.status_code != 200:
        return response
    response.headers["ETag"] = tag = f'W/"{blake2b(body, digest_size=12).hexdigest()}"'
    response.headers["Vary"] = "Accept-Encoding"
    if tag in request.headers.get("if-none-match", ""):
        headers = {name: response.headers[name] for name in ("Cache-Control", "ETag", "Vary")}
        return Response(status_code=304, headers=headers)
    return compressed(request, response)


def compressed(request: Request, response: Response) -> Response:
    """The response, by gzip if the browser takes that."""
    body = bytes(response.body)
    if len(body) >= WORTH_COMPRESSING and "gzip" in request.headers.get("accept-encoding", ""):
        response.body = gzip.compress(body, LEVEL, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(response.body))
    return response
