"""Styles and scripts. An address holds a hash of its content, so browsers keep it without asking again.

The style sheet is one file, joined from static/css in the order of CSS at the start. htmx comes from an installed
package that ships its build; nothing of it is in this repository.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.http.caching import IMMUTABLE, shared

HTMX = "js_lib_htmx"
CSS = (
    "tokens",
    "base",
    "layout",
    "controls",
    "cards",
    "listing",
    "document",
    "product",
    "cart",
    "checkout",
    "account",
    "desk",
    "proof",
)
"""Files of static/css: each puts its rules into a cascade layer, and the order of layers is in tokens.css."""

SCRIPTS = ("shop.js", "live.js", "desk.js", "passkeys.js", "payment.js")
TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


class Static:
    """What pages load beside their HTML."""

    def __init__(self) -> None:
        self._contents = _contents()
        self._hashes = {name: blake2b(content, digest_size=6).hexdigest() for name, content in self._contents.items()}

    def address(self, name: str) -> str:
        """Where a file is. Raises KeyError."""
        return f"/static/{self._hashes[name]}/{name}"

    def routes(self) -> Sequence[Route]:
        return [Route("/static/{hash}/{name}", self._respond), Route("/favicon.svg", self._icon)]

    async def _respond(self, request: Request) -> Response:
        name = request.path_params["name"]
        if self._hashes.get(name) != request.path_params["hash"]:
            raise HTTPException(404)
        return shared(request, self._response(name), IMMUTABLE)

    async def _icon(self, request: Request) -> Response:
        return shared(request, self._response("favicon.svg"))

    def _response(self, name: str) -> Response:
        return Response(self._contents[name], media_type=TYPES[name.rpartition(".")[2]])


def _contents() -> Mapping[str, bytes]:
    static = files("web") / "static"
    styles = b"\n".join((static / "css" / f"{name}.css").read_bytes() for name in CSS)
    scripts = {name: (static / "js" / name).read_bytes() for name in SCRIPTS}
    icon = (static / "favicon.svg").read_bytes()
    return {"shop.css": styles, "htmx.js": _htmx().read_bytes(), "favicon.svg": icon, **scripts}


def _htmx() -> Path:
    # Found, not imported: the package's code is for another framework.
    spec = find_spec(HTMX)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"The package that ships htmx ({HTMX}) is not installed.")
    return Path(spec.origin).parent / "static" / "htmx" / "htmx.min.js"
