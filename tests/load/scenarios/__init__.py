"""What is measured, a file each, in the order in which a whole bench runs."""

from collections.abc import AsyncIterator, Callable, Mapping

from tests.load.bench import Bench
from tests.load.figures import Figure
from tests.load.scenarios import (
    add_to_cart,
    appends,
    cart_read,
    checkout,
    growth,
    hot_sku,
    mixed,
    overload,
    product_list,
    product_page,
    published,
    rebuild,
    remembered,
    search,
    start,
    web,
    workers,
)

Scenario = Callable[[Bench], AsyncIterator[Figure]]

SCENARIOS: Mapping[str, Scenario] = {
    "start": start.measure,
    "appends": appends.measure,
    "list": product_list.measure,
    "page": product_page.measure,
    "search": search.measure,
    "cart-read": cart_read.measure,
    "add-to-cart": add_to_cart.measure,
    "checkout": checkout.measure,
    "growth": growth.measure,
    "mixed": mixed.measure,
    "web": web.measure,
    "hot-sku": hot_sku.measure,
    "overload": overload.measure,
    "rebuild": rebuild.measure,
    "remembered": remembered.measure,
    "published": published.measure,
    "workers": workers.measure,
}
