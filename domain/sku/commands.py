"""What can be asked of a SKU."""

from domain.shared.ids import ProductId, Sku
from domain.shared.messages import command


@command("sku.claim.v1")
class ClaimSku:
    """Make the SKU this product's own; asked again by the same product it is a repeat."""

    sku: Sku
    product_id: ProductId


SkuCommand = ClaimSku
