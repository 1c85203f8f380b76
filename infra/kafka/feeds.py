"""What a message of a feed asks of the shop, and the asking."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import assert_never
from uuid import UUID

from commands.handler import CommandHandler
from commands.lookups.catalogue import price_in
from commands.lookups.warehouses import known_warehouse
from commands.routes import SKU
from domain.product.commands import PriceVariant
from domain.shared.errors import NotFound
from domain.shared.ids import Sku, Warehouse
from domain.shared.money import Money
from domain.shared.recorded import Metadata
from domain.sku.decider import SkuOwner
from domain.stock.commands import AdjustStock, ReceiveStock
from infra.kafka.incoming import Incoming, understood
from published.feeds import PriceSet, StockAdjusted, StockReceived


class UnknownSku(NotFound):
    """No product has the SKU."""


@dataclass(frozen=True, slots=True)
class Feeds:
    """Carries messages out. The command's id follows from the message's, so a repeat changes nothing."""

    handler: CommandHandler
    currency: str
    warehouses: Collection[Warehouse]

    async def carry_out(self, incoming: Incoming) -> None:
        """Raises Unreadable, DomainError (it will never work), or what the command handler raises (it may later)."""
        command = await self._command(understood(incoming))
        command_id = incoming.command_id
        metadata = Metadata(
            command_id=command_id,
            correlation_id=_correlation(incoming) or command_id,
            causation_id=command_id,
            actor=f"feed:{incoming.source}",
            fingerprint=incoming.fingerprint,
        )
        await self.handler(command, metadata)

    async def _command(self, message: PriceSet | StockReceived | StockAdjusted) -> object:
        match message:
            case PriceSet(sku=sku, price=price, valid_from=valid_from):
                owner: SkuOwner = await self.handler.state_of(SKU, f"sku-{sku}")
                if owner.product_id is None:
                    raise UnknownSku(f"No product has the SKU {sku}.", "sku")
                money = Money(price.amount, price.currency)
                price_in(self.currency, money)
                return PriceVariant(product_id=owner.product_id, sku=Sku(sku), price=money, valid_from=valid_from)
            case StockReceived(sku=sku, warehouse=place, quantity=quantity):
                where = known_warehouse(Warehouse(place), self.warehouses)
                return ReceiveStock(sku=Sku(sku), warehouse=where, quantity=quantity)
            case StockAdjusted(sku=sku, warehouse=place, delta=delta, reason=reason):
                where = known_warehouse(Warehouse(place), self.warehouses) if delta > 0 else Warehouse(place)
                return AdjustStock(sku=Sku(sku), warehouse=where, delta=delta, reason=reason)
            case _:
                assert_never(message)


def _correlation(incoming: Incoming) -> UUID | None:
    try:
        return UUID(incoming.raw.headers.get("ce_correlationid", ""))
    except ValueError:
        return None
