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
    orders.PROJECTION,
    sales.PROJECTION,
    best_sellers.PROJECTION,
    category_tree.PROJECTION,
    product_catalogue.PROJECTION,
    carts.PROJECTION,
    cockpit.PROJECTION,
    stock_levels.PROJECTION,
    search.PROJECTION,
)
"""Those that hear the same stand together: two workers get the first five and the last four, half of the work each."""
