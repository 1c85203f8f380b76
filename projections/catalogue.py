"""All read models."""

from projections import best_sellers, cockpit, sales, stock_levels
from projections.projection import Projection

PROJECTIONS: tuple[Projection, ...] = (
    stock_levels.PROJECTION,
    cockpit.PROJECTION,
    sales.PROJECTION,
    best_sellers.PROJECTION,
)
