"""Orders of a guest are claimed by the account with their verified address: once, and by nobody else."""

import asyncio
from collections.abc import Sequence
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from commands.accounts.ports import Contacts
from commands.accounts.services import by
from commands.ports import Record
from domain.customer.events import OrdersClaimed
from domain.order.number import number_of
from domain.shared.ids import CartId, CheckoutId, CustomerId, OrderId
from domain.shared.messages import stored_name
from domain.shared.recorded import START
from infra.bootstrap.accounts import order_mails
from infra.bootstrap.composition import codec, command_handler, event_store, sessions_of
from infra.bootstrap.session_state import contacts_of
from infra.bootstrap.vault import vault_of
from infra.settings import Settings
from tests.support.builders.sold import place
from tests.support.harness.accounts import Shop, bearer
from tests.support.harness.front_desk import problem, said
from tests.write_api.accounts.test_merging_carts import Guest, guest, stocked  # noqa: F401 - a fixture

ANNA, BEN = "anna@shop.example", "ben@shop.example"
FOUND = "/account/guest-orders"


@pytest.fixture
def shop(stocked: Shop, settings: Settings) -> "GuestShop":  # noqa: F811
    return GuestShop(stocked, settings)


class GuestShop:
    """A shop in which guests order and accounts claim."""

    def __init__(self, accounts: Shop, settings: Settings) -> None:
        self.accounts, self.settings, self.sent = accounts, settings, list[EmailMessage]()

    async def checked_out(self, buyer: Guest, email: str | None) -> str:
        await buyer.fill(ABC=1)
        wish = {
            "cart_id": buyer.cart,
            "total_seen": {"amount": 1250, "currency": "USD"},
            "delivery_method": "pickup",
            "payment_method": "pm_card_ok",
            **({} if email is None else {"email": email}),
        }
        answer = await self.accounts.client.post("/checkouts", json=wish, headers=buyer.headers)
        return str((await said(answer, 202))["checkout_id"])

    async def ordered(self, email: str | None = ANNA, buyer: Guest | None = None) -> str:
        """An order of a guest, as its checkout and the follower of the log leave it."""
        buyer = buyer or await guest(self.accounts)
        checkout = await self.checked_out(buyer, email)
        await self.placed(checkout, buyer.subject, buyer.cart)
        return checkout

    async def placed(self, checkout: str, customer: str, cart: str) -> None:
        order: dict[str, Any] = {
            "order_id": OrderId(checkout),
            "checkout_id": CheckoutId(checkout),
            "cart_id": CartId(cart),
            "customer_id": CustomerId(customer),
        }
        async with command_handler(self.settings) as handler, order_mails(self.settings) as follower:
            await handler(place(**order), by(customer, uuid4()))
            await follower.catch_up()
            await follower.catch_up()
        self.sent += await self.accounts.mails()

    async def found(self, account: Any) -> list[str]:
        answer = await self.accounts.client.get(FOUND, headers=bearer(account))
        return [it["order_id"] for it in (await said(answer, 200))["orders"]]

    async def claim(self, account: Any, *orders: str) -> int:
        body = {"orders": list(orders)}
        answer = await self.accounts.client.post(f"{FOUND}/claim", json=body, headers=bearer(account))
        return answer.status_code

    async def cancel(self, order: str, headers: dict[str, str]) -> int:
        body = {"reason": "Not needed"}
        answer = await self.accounts.client.post(f"/orders/{order}/cancel", json=body, headers=headers)
        return answer.status_code

    async def log(self) -> Sequence[Record]:
        async with event_store(self.settings) as store:
            return (await store.read_all(after=START, limit=1000)).records

    async def told(self, kind: type[Any]) -> list[Any]:
        return [codec().decode_event(it).fact for it in await self.log() if it.type == stored_name(kind)]

    async def rows(self, statement: str) -> Sequence[Any]:
        connection = await asyncpg.connect(self.settings.database)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()


async def test_an_account_claims_what_was_ordered_with_its_address_however_it_was_written(shop: GuestShop) -> None:
    mine, others = await shop.ordered("ＡＮＮＡ@Shop.example"), await shop.ordered(BEN)
    never_placed = await shop.checked_out(await guest(shop.accounts), ANNA)
    without = await shop.ordered(None)
    anna = await shop.accounts.registered(ANNA)
    assert await shop.found(anna) == [mine]
    refused = [await shop.claim(anna, it) for it in (others, never_placed, without, "unknown")]
    assert (refused, await shop.claim(anna, mine, others)) == ([404] * 4, 404)
    assert await shop.claim(anna, mine) == 200
    assert (await shop.found(anna), await shop.claim(anna, mine)) == ([], 200)
    (claimed,) = await shop.told(OrdersClaimed)
    assert (claimed.subject, claimed.orders) == (anna["subject"], (mine,))


async def test_a_guest_is_mailed_once_that_there_is_an_order_and_where_it_is(shop: GuestShop) -> None:
    order = await shop.ordered()
    await shop.ordered(None)
    (letter,) = shop.sent
    text = letter.get_body(("plain",))
    assert (letter["To"], letter["Subject"]) == (ANNA, f"Counterfoil: Your order {number_of(OrderId(order))}")
    assert text is not None
    assert "/o/ey" in text.get_content()


async def test_a_claimed_order_is_the_accounts_and_the_guests_and_nobody_elses(shop: GuestShop) -> None:
    buyer = await guest(shop.accounts)
    one, two = await shop.ordered(buyer=buyer), await shop.ordered(buyer=buyer)
    anna, ben = await shop.accounts.registered(ANNA), await shop.accounts.registered(BEN)
    assert (await shop.cancel(one, bearer(anna)), await shop.claim(ben, one)) == (404, 404)
    assert await shop.claim(anna, one, two) == 200
    assert [await shop.cancel(one, bearer(it)) for it in (ben, anna)] == [404, 202]
    assert await shop.cancel(two, buyer.headers) == 202


async def test_an_address_that_moved_on_takes_no_claimed_order_with_it(
    shop: GuestShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anna's claim broke off between its row and its event; her address then became another account's."""

    async def broken(*_: object, **__: object) -> Any:
        raise ConnectionResetError

    order = await shop.ordered()
    anna = await shop.accounts.registered(ANNA)
    with monkeypatch.context() as patched:
        patched.setattr("write_api.http.context.Context.carry_out", broken)
        with pytest.raises(ConnectionResetError):
            await shop.claim(anna, order)
    assert await shop.rows("select claimed_by, settled from identity.contacts") == [(anna["subject"], False)]
    await shop.rows("delete from identity.emails")
    new = await shop.accounts.registered(ANNA)
    assert (await shop.found(new), await shop.claim(new, order)) == ([], 404)


async def test_two_accounts_cannot_both_claim_an_order(shop: GuestShop) -> None:
    """Two rows would have to be the same; the second one takes nothing."""
    order = OrderId(await shop.ordered())
    async with sessions_of(shop.settings, "test") as sessions:
        contacts: Contacts = contacts_of(shop.settings, sessions)
        taken = await asyncio.gather(*(contacts.take(f"shopper-{it}", [order]) for it in range(8)))
    assert sorted(map(len, taken)) == [0] * 7 + [1]


async def test_no_address_is_in_the_log_and_a_refused_checkout_leaves_none(shop: GuestShop) -> None:
    await shop.ordered()
    found = [it for it in await shop.log() if b"shop.example" in it.data.lower()]
    buyer = await (await guest(shop.accounts)).fill(ABC=1)
    wrong = {"amount": 1, "currency": "USD"}
    wish = {
        "cart_id": buyer.cart,
        "total_seen": wrong,
        "delivery_method": "pickup",
        "payment_method": "x",
        "email": ANNA,
    }
    answer = await shop.accounts.client.post("/checkouts", json=wish, headers=buyer.headers)
    assert (found, answer.status_code) == ([], 409)
    assert await shop.rows("select count(*) from identity.contacts") == [(1,)]
    typed = problem(
        await shop.accounts.client.post("/checkouts", json={**wish, "email": "anna"}, headers=buyer.headers)
    )
    assert (typed["status"], typed["errors"][0]["field"]) == (422, "email")


async def test_forgetting_an_account_forgets_the_guest_it_was(shop: GuestShop) -> None:
    buyer = await guest(shop.accounts)
    order = await shop.ordered(buyer=buyer)
    anna = await shop.accounts.registered(ANNA)
    await shop.claim(anna, order)
    async with sessions_of(shop.settings, "test") as sessions:
        vault = await vault_of(shop.settings, sessions)
        assert await vault.has_key(buyer.subject)
        answer = await shop.accounts.client.delete("/account", headers=bearer(anna))
        await said(answer, 200)
        assert not await vault.has_key(buyer.subject)
    assert await shop.rows("select count(*) from identity.contacts") == [(0,)]
