"""Somebody who gives commands one after the other, each under an id of its own."""

from dataclasses import dataclass
from uuid import uuid4

from commands.handler import CommandHandler
from commands.ports import Appended
from domain.shared.ids import Sku, Warehouse
from domain.shared.recorded import Metadata
from domain.stock.commands import ReceiveStock


@dataclass(frozen=True, slots=True)
class CommandSender:
    handler: CommandHandler

    async def ask(self, *commands: object) -> Appended:
        """Carry out commands on one stream, in one append."""
        command_id = uuid4()
        metadata = Metadata(command_id=command_id, correlation_id=command_id, causation_id=command_id, actor="clerk")
        return await self.handler.all_of(commands, metadata)

    async def receive(self, sku: str, quantity: int = 1, times: int = 1) -> None:
        """Book units in, so many times."""
        for _ in range(times):
            await self.ask(ReceiveStock(sku=Sku(sku), warehouse=Warehouse("MAIN"), quantity=quantity))
