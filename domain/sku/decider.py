"""A SKU belongs to one product and is never given to another."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.shared import require
from domain.shared.decider import Decider
from domain.shared.errors import Conflict
from domain.shared.ids import ProductId
from domain.sku.commands import SkuCommand
from domain.sku.events import SkuClaimed, SkuEvent


class SkuTaken(Conflict):
    """The SKU belongs to another product."""


@dataclass(frozen=True, slots=True)
class SkuOwner:
    """The product that claimed the SKU, if any did."""

    product_id: ProductId | None = None


def decide(owner: SkuOwner, command: SkuCommand) -> Sequence[SkuEvent]:
    """Claim once; the owner may ask again."""
    require.code(command.sku, "sku")
    if owner.product_id is None:
        return [SkuClaimed(sku=command.sku, product_id=command.product_id)]
    if owner.product_id != command.product_id:
        raise SkuTaken(f"SKU {command.sku} belongs to product {owner.product_id}. Choose another SKU.", "sku")
    return []


def evolve(_: SkuOwner, event: SkuEvent) -> SkuOwner:
    """The claim makes the owner."""
    return SkuOwner(event.product_id)


sku_decider = Decider(initial=SkuOwner(), decide=decide, evolve=evolve)
