"""All read models."""

from projections import (
    best_sellers,
    carts,
    category_tree,
    cockpit,
    orders,
    product_catalogue,
    sales,
    stock_levels,
)
from projections.projection import Projection
from projections.search import projection as search

PROJECTIONS: tuple[Projection, ...] = (
    category_tree.PROJECTION,
    product_catalogue.PROJECTION,
    stock_levels.PROJECTION,
    carts.PROJECTION,
    orders.PROJECTION,
    sales.PROJECTION,
    best_sellers.PROJECTION,
    cockpit.PROJECTION,
    search.PROJECTION,
)
