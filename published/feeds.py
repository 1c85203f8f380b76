"""What a shop takes in: prices and goods from the systems that decide them."""

from datetime import datetime

from published.message import message
from published.values import Money

TOPIC = "feeds"


@message("feed.price_set.v1", topic=TOPIC, key="sku")
class PriceSet:
    """The list price of a SKU from a time on, for the base quantity of its variant."""

    sku: str
    price: Money
    valid_from: datetime


@message("feed.stock_received.v1", topic=TOPIC, key="sku")
class StockReceived:
    """Units came into a warehouse."""

    sku: str
    warehouse: str
    quantity: int


@message("feed.stock_adjusted.v1", topic=TOPIC, key="sku")
class StockAdjusted:
    """A count was wrong by `delta`, up or down."""

    sku: str
    warehouse: str
    delta: int
    reason: str
