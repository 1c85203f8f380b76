"""All read models."""

from projections import (
    accounts,
    best_sellers,
    carts,
    category_tree,
    cockpit,
    orders,
    product_catalogue,
    promotions,
    sales,
    staff,
    stock_levels,
)
from projections.engine.projection import Projection
from projections.search import projection as search

PROJECTIONS: tuple[Projection, ...] = (
    best_sellers.PROJECTION,
    product_catalogue.PROJECTION,
    promotions.PROJECTION,
    carts.PROJECTION,
    stock_levels.PROJECTION,
    search.PROJECTION,
    staff.PROJECTION,
    accounts.PROJECTION,
    orders.PROJECTION,
    cockpit.PROJECTION,
    sales.PROJECTION,
    category_tree.PROJECTION,
)
"""Those that hear the same stand together: two workers get the first seven and the last five, half of the work each.

The entries of journals are a quarter of a log; only the last four hear them, so that one worker reads them.
"""
