"""What can happen to a SKU."""

from domain.shared.ids import ProductId, Sku
from domain.shared.messages import event


@event("sku.claimed.v1")
class SkuClaimed:
    sku: Sku
    product_id: ProductId


SkuEvent = SkuClaimed
