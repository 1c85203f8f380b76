"""Swagger UI from our own server: the OpenAPI document as a page to read and to try things on. It works offline.

The files are Swagger UI's own builds, as a package for FastAPI ships them; nothing else of it is used.
"""

from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException

PACKAGE = "fastapi_offline"
STYLE, BUNDLE, START = "swagger-ui.css", "swagger-ui-bundle.js", "start.js"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
"""Scripts and styles come from files of ours alone; the pictures of Swagger UI are in its style."""

PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Counterfoil write API</title>
<link rel="stylesheet" href="docs/assets/{STYLE}">
</head>
<body>
<div id="reference">Loading…</div>
<script src="docs/assets/{BUNDLE}"></script>
<script src="docs/assets/{START}"></script>
</body>
</html>
"""

SCRIPT = """
fetch("openapi.json").then(response => response.json()).then(api => {
  api.servers ??= [{ url: new URL(".", location.href).href }];
  SwaggerUIBundle({
    spec: api,
    dom_id: "#reference",
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
});
"""

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs() -> HTMLResponse:
    """The page for browsers."""
    return HTMLResponse(PAGE, headers={"Content-Security-Policy": POLICY})


@router.get("/docs/assets/{name}")
async def docs_asset(name: str) -> Response:
    """A style or a script of the page."""
    if name == START:
        return Response(SCRIPT, media_type="text/javascript")
    if name not in (STYLE, BUNDLE):
        raise HTTPException(404)
    return FileResponse(_folder() / name, headers={"Cache-Control": "public, max-age=86400"})


def _folder() -> Path:
    # Found, not imported: the package's code is a FastAPI class of its own.
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise HTTPException(404)
    return Path(spec.origin).parent / "static"
