"""A claimed order is shown to the account and, still, to the guest; to no one else."""

from typing import Any

from domain.customer.events import OrdersClaimed
from domain.shared.ids import CustomerId, OrderId
from tests.support.builders.event_log_builder import NOON
from tests.support.builders.purchases import Purchase
from tests.support.harness.read_side import ReadSide, token

GUEST = CustomerId("guest-1")
ORDER = "query ($id: ID!) { order(id: $id) { customerId claimedBy delivery { address { city } } link { token } } }"
BY_LINK = "query ($link: String!) { orderByLink(token: $link) { orderId email delivery { address { city } } } }"
MINE = "{ me { orders { edges { node { orderId } } } } }"


async def test_a_claimed_order_is_opened_by_the_account_and_by_the_guest_and_its_link_goes_on(shop: ReadSide) -> None:
    Purchase(shop.log, "O1", GUEST).buy()
    guest, anna, ben = token(GUEST, "shopper"), token("anna", "shopper"), token("ben", "shopper")
    await shop.catch_up()
    link = (await shop.ask(ORDER, id="O1", token=guest))["order"]["link"]["token"]
    assert (await shop.ask(ORDER, id="O1", token=anna))["order"] is None
    claimed = OrdersClaimed(subject="anna", guest=GUEST, orders=(OrderId("O1"),), at=NOON)
    shop.log.tell(claimed, stream="customer-anna")
    await shop.catch_up()
    for caller in (anna, guest):
        order = (await shop.ask(ORDER, id="O1", token=caller))["order"]
        assert (order["customerId"], order["claimedBy"], order["delivery"]["address"]["city"]) == (
            GUEST,
            "anna",
            "Zürich",
        )
    assert (await shop.ask(ORDER, id="O1", token=ben))["order"] is None
    assert [await mine(shop, it) for it in (anna, guest, ben)] == [["O1"], [], []]
    by_link = (await shop.ask(BY_LINK, link=link))["orderByLink"]
    assert by_link == {"orderId": "O1", "email": None, "delivery": {"address": None}}


async def mine(shop: ReadSide, caller: str) -> list[Any]:
    edges = (await shop.ask(MINE, token=caller))["me"]["orders"]["edges"]
    return [edge["node"]["orderId"] for edge in edges]
