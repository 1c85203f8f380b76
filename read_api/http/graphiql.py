"""GraphiQL from our own server: no script of this page comes from anywhere else, and it works without the internet.

The files are GraphiQL's own builds, as a package of another framework ships them; nothing else of it is used.
"""

from importlib.util import find_spec
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

PACKAGE = "graphene_django_graphiql_static"
STYLES = ("graphiql.min.css",)
SCRIPTS = (
    "react.production.min.js",
    "react-dom.production.min.js",
    "graphiql.min.js",
    "graphql-ws.min.js",
)
START = "start.js"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
"""GraphiQL puts styles into the page while it runs; scripts come from files of ours alone."""

PAGE = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Counterfoil: GraphiQL</title>
{"".join(f'<link rel="stylesheet" href="/graphql/assets/{name}">' for name in STYLES)}
<style>html, body, #graphiql {{ height: 100%; margin: 0; }}</style>
</head>
<body>
<div id="graphiql">Loading…</div>
{"".join(f'<script src="/graphql/assets/{name}"></script>' for name in (*SCRIPTS, START))}
</body>
</html>
"""

SCRIPT = """
const QUESTION = `# The catalogue is open to all. For the rest, put a token into the headers below:
# { "Authorization": "Bearer <what \\`counterfoil token\\` prints>" }
{
  products(first: 5, sort: DEAREST) {
    edges { node { productId title brand price { formatted } category { path { name } } } }
    pageInfo { hasNextPage endCursor }
  }
}
`;
let headers = {};
const socket = graphqlWs.createClient({
  url: location.origin.replace(/^http/, "ws") + "/graphql",
  connectionParams: () => headers,
});
const ask = GraphiQL.createFetcher({ url: "/graphql", wsClient: socket });
const fetcher = (question, options) => {
  headers = (options && options.headers) || {};
  return ask(question, options);
};
ReactDOM.render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultQuery: QUESTION,
    defaultEditorToolsVisibility: "headers",
  }),
  document.getElementById("graphiql"),
);
"""


async def page(_request: Request) -> Response:
    """The page for browsers."""
    return HTMLResponse(PAGE, headers={"Content-Security-Policy": POLICY})


async def asset(request: Request) -> Response:
    """A style or a script of the page."""
    name = request.path_params["name"]
    if name == START:
        return Response(SCRIPT, media_type="text/javascript")
    if name not in (*STYLES, *SCRIPTS):
        raise HTTPException(404, "The page has no such part.")
    return FileResponse(_folder() / name, headers={"Cache-Control": "public, max-age=86400"})


def _folder() -> Path:
    # Found, not imported: the package's code is for the other framework.
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise HTTPException(404, f"The package {PACKAGE} is not installed.")
    return Path(spec.origin).parent / "static" / PACKAGE
