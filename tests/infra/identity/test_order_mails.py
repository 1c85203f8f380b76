"""Mails about orders: to whom, when, in which language, and how often."""

import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from commands.accounts.ports import Realm
from commands.ports import ANY, NewEvent
from domain.order.events import OrderPlaced
from domain.payment.events import PaymentActionRequired, PaymentAuthorised, PaymentRequested
from domain.shared.ids import CheckoutId, CustomerId, OrderId, PaymentId
from domain.shared.messages import name_of
from domain.shared.recorded import Metadata
from infra.bootstrap.accounts import mailing, order_mails
from infra.identity.addresses import AddressIndex
from infra.identity.contacts import MOST_MAILED_AN_HOUR
from infra.identity.letters import texts, words_of
from infra.identity.mailer import Mailer
from infra.identity.order_mails import ACTION_AFTER, NAME, NEWS, OrderMails
from infra.identity.reindexing import reindex
from infra.security.derived_keys import KeyedHash
from infra.settings import Settings
from tests.support.builders.sold import euro, placed
from tests.support.harness.accounts import Postbox

ADDRESS, GUEST, ANNA = "guest@shop.example", "guest-1", "shopper-1"


class Office:
    """Events are told, mails are sent, at the test's time."""

    def __init__(self, follower: OrderMails, mailer: Mailer) -> None:
        self.follower, self.mailer, self.box, self.late = follower, mailer, Postbox(), timedelta()
        clock = follower.clock
        for one in (follower, mailer):
            object.__setattr__(one, "clock", lambda: clock() + self.late)
        object.__setattr__(mailer, "post", self.box)

    @property
    def now(self) -> datetime:
        return self.follower.clock()

    async def told(self, stream: str, *facts: Any) -> None:
        command = uuid4()
        metadata = Metadata(command_id=command, correlation_id=command, causation_id=command, actor="test")
        events = [NewEvent(uuid4(), name_of(it), self.follower.codec.encode(it), metadata) for it in facts]
        await self.follower.store.append(stream, events, expected=ANY)

    async def contact(self, order: str, address: str = ADDRESS) -> None:
        sealed = await self.mailer.vault.seal(GUEST, address.encode())
        await self.follower.contacts.keep(CheckoutId(order), address, sealed, self.now)

    async def account(self, address: str, language: str) -> None:
        identity = self.mailer.identity
        await identity.claim(
            Realm.SHOPPER, address, ANNA, await self.mailer.vault.seal(ANNA, address.encode()), self.now
        )
        await identity.confirm(Realm.SHOPPER, address, ANNA)
        await identity.speaks(ANNA, language)

    async def sent(self) -> list[tuple[str, str]]:
        """To whom, with which subject."""
        await self.follower.catch_up()
        while await self.mailer.send_due():
            pass
        letters, self.box.letters = self.box.letters, []
        return [(it["To"], it["Subject"].removeprefix("Counterfoil: ").partition(" ")[0]) for it in letters]


@pytest.fixture
async def office(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    key = SecretStr(base64.b64encode(bytes(32)).decode())
    secret = SecretStr("a secret of more than thirty-two bytes")
    settings = Settings(data=tmp_path, database=database_url, vault_key=key, token_secret=secret)
    async with AsyncExitStack() as stack:
        mailer = await stack.enter_async_context(mailing(settings))
        yield Office(await stack.enter_async_context(order_mails(settings)), mailer)


def order(order_id: str, customer: str) -> OrderPlaced:
    return placed(order_id=OrderId(order_id), checkout_id=CheckoutId(order_id), customer_id=CustomerId(customer))


def payment(kind: type[Any], order_id: str, **more: Any) -> Any:
    return kind(payment_id=PaymentId(order_id), order_id=OrderId(order_id), attempt=1, **more)


async def test_an_order_is_mailed_about_once_to_its_contact_or_its_account_in_their_language(office: Office) -> None:
    await office.contact("one")
    await office.account("anna@shop.example", "de-CH")
    await office.told("order-one", order("one", GUEST))
    await office.told("order-two", order("two", ANNA))
    await office.told("order-three", order("three", "guest-2"))
    assert await office.sent() == [(ADDRESS, "Your"), ("anna@shop.example", "Ihre")]
    await office.follower._execute("delete from identity.followed where follower = $1", NAME)
    assert await office.sent() == []


async def test_a_payment_that_waits_is_mailed_about_after_a_minute_and_one_that_moved_on_is_not(office: Office) -> None:
    for number in ("one", "two"):
        await office.contact(number)
        asked = payment(PaymentRequested, number, customer_id=CustomerId(GUEST), amount=euro(1), method="card")
        waits = payment(PaymentActionRequired, number, gateway_ref="g", action_url="https://bank.example")
        await office.told(f"payment-{number}", asked, waits)
    assert await office.sent() == []
    await office.told(
        "payment-two", payment(PaymentAuthorised, "two", gateway_ref="g", amount=euro(1), capture_before=office.now)
    )
    office.late = ACTION_AFTER
    assert await office.sent() == [(ADDRESS, "Your")]


async def test_nobody_is_mailed_about_what_is_long_past_nor_by_a_forgotten_person(office: Office) -> None:
    await office.contact("old")
    await office.told("order-old", order("old", GUEST))
    office.late = NEWS + timedelta(hours=1)
    assert await office.sent() == []
    office.late = timedelta()
    await office.contact("new")
    await office.told("order-new", order("new", GUEST))
    await office.mailer.vault.forget(GUEST)
    assert await office.sent() == []


async def test_a_stranger_is_not_flooded_by_checkouts_that_name_their_address(office: Office) -> None:
    for number in range(MOST_MAILED_AN_HOUR + 5):
        await office.contact(f"o{number}")
        await office.told(f"order-o{number}", order(f"o{number}", GUEST))
    assert len(await office.sent()) == MOST_MAILED_AN_HOUR


async def test_orders_are_found_after_the_vault_key_was_replaced(office: Office) -> None:
    await office.contact("one")
    await office.told("order-one", order("one", GUEST))
    await office.sent()
    new = AddressIndex(KeyedHash([bytes([1]) * 32, *office.mailer.identity.index.hashing.keys]))
    for one in (office.mailer.identity, office.follower.contacts):
        object.__setattr__(one, "index", new)
    assert (await reindex(office.mailer.identity, office.mailer.vault), await _open(office)) == (1, ["one"])
    object.__setattr__(office.follower.contacts, "index", AddressIndex(KeyedHash([bytes([1]) * 32])))
    assert await _open(office) == ["one"]


async def _open(office: Office) -> list[str]:
    return [it.order_id for it in await office.follower.contacts.open_to(ANNA, ADDRESS)]


def test_every_text_there_is_has_an_english_one_with_the_same_places() -> None:
    english = texts()["en"]
    for language, kinds in texts().items():
        for kind, words in kinds.items():
            assert ("{number}" in words.title, len(words.paragraphs), words.button is None) == (
                "{number}" in english[kind].title,
                len(english[kind].paragraphs),
                english[kind].button is None,
            ), (language, kind)
    assert [words_of("reset", it).language for it in ("de-CH", "DE", "pt-BR", None)] == ["de", "de", "en", "en"]
    assert words_of("invite", "de").language == "en"
