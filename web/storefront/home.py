"""The first page, and all departments."""

from starlette.responses import Response

from web.http.routes import public
from web.http.visit import Visit


async def home(visit: Visit) -> Response:
    answer = await visit.ask("home", "popular")
    newest = [edge["node"] for edge in answer["products"]["edges"]]
    return visit.page("storefront/home.html", popular=answer["popular"] or [], newest=newest)


async def departments(visit: Visit) -> Response:
    return visit.page("storefront/departments.html")


ROUTES = [public("/", home), public("/c", departments)]
