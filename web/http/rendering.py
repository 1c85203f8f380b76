"""Templates: Jinja2, which escapes what it is given and raises for what it is not given.

Each market has an environment: its texts, its formats, and links under its path.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from web.back_office.navigation import shown_to
from web.drawing.pictures import picture_of
from web.http.static import Static
from web.ports import Shop
from web.texts import facts, formats
from web.texts.actors import who
from web.texts.languages import translations
from web.texts.links import category_link, product_link
from web.texts.markets import Market
from web.texts.repeats import repeated
from web.texts.states import brief


class Pages:
    """Renders the templates of templates/."""

    def __init__(self, shop: Shop, static: Static) -> None:
        self._shop, self._static = shop, static
        self._environments = dict[Market, Environment]()

    def response(self, market: Market, template: str, status: int, context: Mapping[str, Any]) -> Response:
        return HTMLResponse(self.render(market, template, context), status)

    def render(self, market: Market, template: str, context: Mapping[str, Any]) -> str:
        if market not in self._environments:
            self._environments[market] = _environment(self._shop, self._static, market)
        return self._environments[market].get_template(template).render(context)


def _environment(shop: Shop, static: Static, market: Market) -> Environment:
    environment = Environment(
        loader=PackageLoader("web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(translations(market.language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {
        "market": market,
        "prefix": market.prefix,
        "static": static.address,
        "product_link": partial(_under, market.prefix, product_link),
        "category_link": partial(_under, market.prefix, category_link),
        "picture_of": picture_of,
        "states": facts.STATES,
        "totals": facts.TOTALS,
        "to_pay": facts.TO_PAY,
        "deliveries": facts.DELIVERIES,
        "desk_navigation": shown_to,
        "repeated": repeated,
        "who": who,
    }
    environment.filters |= {**formats.filters(market.locale, shop.time_zone), "translated": market.say, "brief": brief}
    return environment


def _under(prefix: str, link: Any, named: Mapping[str, Any]) -> str:
    return prefix + str(link(named))
