"""A batch is dealt out to those who hear it."""

from datetime import UTC, datetime
from uuid import UUID

from domain.product.events import ProductPublished
from domain.shared.ids import ProductId, Sku, Warehouse
from domain.shared.recorded import Metadata, Position, Recorded
from domain.stock.events import StockReceived
from projections.engine.dispatch import dispatched

CAUSE = Metadata(command_id=UUID(int=1), correlation_id=UUID(int=1), causation_id=UUID(int=1), actor="staff:ada")


def recorded(fact: object, position: int) -> Recorded[object]:
    return Recorded(fact, Position(position), "any", 0, UUID(int=position), datetime(2026, 1, 1, tzinfo=UTC), CAUSE)


def test_everybody_hears_their_kinds_in_the_order_of_the_log_and_nothing_else() -> None:
    received = [recorded(StockReceived(sku=Sku("MUG"), warehouse=Warehouse("MAIN"), quantity=n), n) for n in (1, 3)]
    published = recorded(ProductPublished(product_id=ProductId("P1")), 2)
    batch = [received[0], published, received[1]]
    everything, stock, nothing = dispatched(batch, [{StockReceived, ProductPublished}, {StockReceived}, set()])
    assert everything == batch
    assert stock == received
    assert nothing == []


def test_nobody_is_dealt_nothing() -> None:
    assert dispatched([recorded(ProductPublished(product_id=ProductId("P1")), 1)], []) == []
