"""What the tortured shop sells: few goods, and so few units of each that shoppers compete for them."""

import asyncio
from collections.abc import Mapping
from random import Random

from tests.torture.witness import Who, Witness

STAFF, PACKER = Who("torture-office", "back_office"), Who("torture-packer", "warehouse")
PRICES: Mapping[str, int] = {"MUG": 1250, "TEA": 333, "POT": 4990, "CUP": 799, "JAM": 450}
WAREHOUSE, CURRENCY = "MAIN", "USD"
FIRST_UNITS, MORE_UNITS = 30, 12
RECEIPT_EVERY = 2.5
LONG_AGO = "2020-01-01T00:00:00Z"
"""A clock that is set back shows no time before the prices began."""


async def put_on_sale(witness: Witness) -> None:
    """The catalogue and the first units."""
    await asyncio.gather(*(_put_on_sale(witness, sku, cents) for sku, cents in PRICES.items()))


async def _put_on_sale(witness: Witness, sku: str, cents: int) -> None:
    async def ask(step: str, path: str, **body: object) -> Mapping[str, object]:
        word = await witness.command(STAFF, "POST", path, f"{step}-{sku}", body)
        assert word.accepted, word
        return word.answer

    product = f"/products/{(await ask('draft', '/products', title=f'A {sku}'))['product_id']}"
    await ask("variant", f"{product}/variants", sku=sku)
    price = {"amount": cents, "currency": CURRENCY}
    await ask("price", f"{product}/variants/{sku}/prices", price=price, valid_from=LONG_AGO)
    await ask("publish", f"{product}/publish")
    await ask("receive", f"/stock/{WAREHOUSE}/{sku}/receipts", quantity=FIRST_UNITS)


async def keep_receiving(witness: Witness, random: Random, closing: asyncio.Event) -> None:
    """A delivery of one of the goods now and then, never enough for all."""
    number = 0
    while not closing.is_set():
        number += 1
        sku = random.choice(list(PRICES))
        path = f"/stock/{WAREHOUSE}/{sku}/receipts"
        await witness.command(STAFF, "POST", path, f"more-{number}", {"quantity": random.randint(1, MORE_UNITS)})
        await asyncio.sleep(random.random() * 2 * RECEIPT_EVERY)
