"""Templates: Jinja2, which escapes what it is given and raises for what it is not given."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from web.back_office.navigation import shown_to
from web.drawing.pictures import picture_of
from web.http.static import Static
from web.ports import Shop
from web.texts import formats
from web.texts.actors import who
from web.texts.links import category_link, product_link
from web.texts.repeats import repeated
from web.texts.states import brief


class Pages:
    """Renders the templates of templates/."""

    def __init__(self, shop: Shop, static: Static) -> None:
        self._environment = Environment(
            loader=PackageLoader("web", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals |= {
            "static": static.address,
            "product_link": product_link,
            "category_link": category_link,
            "picture_of": picture_of,
            "desk_navigation": shown_to,
            "repeated": repeated,
            "who": who,
        }
        self._environment.filters |= {**formats.filters(shop), "brief": brief}

    def response(self, template: str, status: int, context: Mapping[str, Any]) -> Response:
        return HTMLResponse(self.render(template, context), status)

    def render(self, template: str, context: Mapping[str, Any]) -> str:
        return self._environment.get_template(template).render(context)
