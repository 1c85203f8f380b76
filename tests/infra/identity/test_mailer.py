"""Mails are sent at least once each; a dead server delays them; their links are good once, and for an hour."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from commands.accounts.ports import LinkKind, Mail, MailKind, Realm
from domain.shared.personal import Sealed
from infra.bootstrap.accounts import mailing
from infra.clock.identity import uuid7
from infra.identity.addresses import AddressIndex
from infra.identity.links import LIFETIME
from infra.identity.mailer import GIVEN_UP_AFTER, KEPT, Mailer, NotNow, Refused
from infra.identity.reindexing import reindex
from infra.security.derived_keys import KeyedHash
from infra.settings import Settings
from tests.support.harness.accounts import Postbox, token_in

ANNA = "Anna@Shop.example"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Office:
    """A mailer whose time and whose mail server are the test's."""

    def __init__(self, mailer: Mailer) -> None:
        self.now, self.box, self.mailer = NOW, Postbox(), mailer
        object.__setattr__(mailer, "post", self.box)
        object.__setattr__(mailer, "clock", lambda: self.now)

    async def post(self, kind: MailKind, address: str = ANNA) -> None:
        await self.mailer.identity.post(Mail(uuid7(), kind, Realm.SHOPPER, address, None, self.now))

    async def account(self, address: str = ANNA, subject: str = "shopper-1") -> str:
        sealed = await self.mailer.vault.seal(subject, address.encode())
        identity = self.mailer.identity
        await identity.claim(Realm.SHOPPER, address, subject, sealed, self.now)
        await identity.confirm(Realm.SHOPPER, address, subject)
        return subject

    async def sent(self) -> list[Any]:
        while await self.mailer.send_due():
            pass
        letters, self.box.letters = self.box.letters, []
        return letters

    async def reset_link(self) -> str:
        await self.post(MailKind.RESET)
        (letter,) = await self.sent()
        return token_in(letter)

    async def is_good(self, token: str) -> bool:
        return await self.mailer.identity.link(token, LinkKind.RESET, self.now) is not None

    async def use(self, token: str) -> bool:
        secret = Sealed(subject="shopper-1", ciphertext="hash")
        return await self.mailer.identity.reset(token, "shopper-1", secret, self.now)


@pytest.fixture
async def office(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    key = SecretStr(base64.b64encode(bytes(32)).decode())
    async with mailing(Settings(data=tmp_path, database=database_url, vault_key=key)) as mailer:
        yield Office(mailer)


async def test_a_dead_server_delays_a_mail_and_loses_none(office: Office) -> None:
    await office.account()
    await office.post(MailKind.RESET)
    office.box.fault = lambda: NotNow("ConnectionRefusedError")
    assert await office.sent() == []
    office.box.fault = None
    assert await office.sent() == []
    office.now += timedelta(seconds=2)
    (letter,) = await office.sent()
    assert await office.is_good(token_in(letter))
    office.now += timedelta(days=1)
    assert await office.sent() == []


async def test_a_mail_that_is_sent_twice_is_the_same_mail_with_the_same_link(office: Office) -> None:
    """The server took it, and the connection was lost before it said so."""
    await office.account()
    await office.post(MailKind.RESET)
    office.box.fault, office.box.takes_it = lambda: NotNow("SMTPServerDisconnected"), True
    (first,) = await office.sent()
    office.box.fault = None
    (second,) = await _due_again(office)
    assert (str(first), first["Message-ID"]) == (str(second).replace(*_boundaries(second, first)), second["Message-ID"])
    assert token_in(first) == token_in(second)
    assert await office.is_good(token_in(second))


def _boundaries(one: Any, other: Any) -> tuple[str, str]:
    return one.get_boundary(), other.get_boundary()


async def test_a_link_that_was_used_is_not_brought_back_when_its_mail_is_sent_again(office: Office) -> None:
    """The server took the mail, its answer was lost, the shopper was quick."""
    await office.account()
    await office.post(MailKind.RESET)
    office.box.fault, office.box.takes_it = lambda: NotNow("SMTPServerDisconnected"), True
    (letter,) = await office.sent()
    token = token_in(letter)
    assert await office.use(token)
    office.box.fault = None
    assert len(await _due_again(office)) == 1
    assert (await office.is_good(token), await office.use(token)) == (False, False)


async def _due_again(office: Office) -> list[Any]:
    office.now += timedelta(seconds=2)
    return await office.sent()


async def test_a_link_is_good_once_and_however_often_it_is_looked_at(office: Office) -> None:
    await office.account()
    token = await office.reset_link()
    assert [await office.is_good(token) for _ in range(3)] == [True] * 3
    assert [await office.use(token) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(("minutes", "good"), [(59, True), (60, False)])
async def test_a_link_is_good_for_an_hour(office: Office, minutes: int, good: bool) -> None:
    await office.account()
    token = await office.reset_link()
    office.now += timedelta(minutes=minutes)
    assert (await office.is_good(token), await office.use(token)) == (good, good)


async def test_a_newer_link_ends_the_older_one_and_not_the_other_way_round(office: Office) -> None:
    await office.account()
    older = await office.reset_link()
    office.now += timedelta(minutes=1)
    newer = await office.reset_link()
    assert (await office.is_good(older), await office.is_good(newer)) == (False, True)


async def test_a_change_of_password_or_address_ends_all_links(office: Office) -> None:
    subject, identity = await office.account(), office.mailer.identity
    token = await office.reset_link()
    await identity.set_password(subject, Sealed(subject=subject, ciphertext="hash"), office.now, kept=None)
    assert not await office.is_good(token)

    office.now += timedelta(minutes=1)
    token = await office.reset_link()
    await identity.post(Mail(uuid7(), MailKind.EMAIL, Realm.SHOPPER, "new@shop.example", subject, office.now))
    (letter,) = await office.sent()
    sealed = await office.mailer.vault.seal(subject, b"new@shop.example")
    await identity.claim(Realm.SHOPPER, "new@shop.example", subject, sealed, office.now)
    assert await identity.change_address(token_in(letter), subject, office.now)
    assert not await office.is_good(token)


async def test_a_link_is_good_for_its_own_purpose_only(office: Office) -> None:
    await office.account()
    token = await office.reset_link()
    for kind in (LinkKind.REGISTER, LinkKind.EMAIL):
        assert await office.mailer.identity.link(token, kind, office.now) is None


LOOK_ALIKES = [
    ("mike@github.example", "mıke@gıthub.example"),  # equal after upper-casing (U+0131)
    ("test@shop.example", "testо@shop.example"),  # a Cyrillic letter more (U+043E)
    ("test@shop.example", "tеst@shop.example"),  # a Cyrillic letter in place of a Latin one (U+0435)
    ("i@shop.example", "İ@shop.example"),
    ("a+b@shop.example", "a@shop.example"),
    ("ab@shop.example", "a.b@shop.example"),
]


@pytest.mark.parametrize(("stored", "asked"), LOOK_ALIKES)
async def test_a_look_alike_of_an_address_is_another_address(office: Office, stored: str, asked: str) -> None:
    await office.account(stored)
    await office.post(MailKind.RESET, asked)
    assert await office.sent() == []


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("A@X.example", "a@x.example"),
        ("mike@shop.example", "ｍike@shop.example"),
        ("zoë@straße.example", "zoe\u0308@STRASSE.example"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
    ],
)
async def test_a_mail_goes_to_the_address_as_it_is_stored(office: Office, stored: str, asked: str) -> None:
    await office.account(stored)
    await office.post(MailKind.RESET, asked)
    assert [letter["To"] for letter in await office.sent()] == [stored]


async def test_one_mail_of_a_kind_waits_for_an_address(office: Office) -> None:
    await office.account()
    for _ in range(20):
        await office.post(MailKind.RESET)
    assert len(await office.sent()) == 1


async def test_a_mail_is_given_up_after_three_days_and_a_refused_one_at_once(office: Office) -> None:
    await office.account()
    await office.post(MailKind.RESET)
    office.box.fault = lambda: NotNow("OSError")
    await office.sent()
    office.now += GIVEN_UP_AFTER + timedelta(seconds=1)
    office.box.fault = None
    assert await office.sent() == []
    await office.post(MailKind.RESET)
    office.box.fault = lambda: Refused("550")
    await office.sent()
    office.box.fault = None
    office.now += timedelta(hours=1)
    assert await office.sent() == []


async def test_mails_without_a_server_are_held_for_a_week_with_links_that_are_good(office: Office) -> None:
    await office.account()
    object.__setattr__(office.mailer, "post", None)
    await office.post(MailKind.RESET)
    await office.sent()
    (letter,) = await office.mailer.held()
    assert (letter["To"], await office.is_good(token_in(letter))) == (ANNA, True)
    office.now += KEPT + LIFETIME
    await office.mailer.clean()
    assert await office.mailer.held() == []


async def test_a_new_vault_key_keeps_every_address_found(office: Office) -> None:
    """Under both keys first; under the new one alone when the rows were rewritten."""
    subject, old = await office.account(), office.mailer.identity
    both = AddressIndex(KeyedHash([bytes([7] * 32), *old.index.hashing.keys]))
    turning, after = replace(old, index=both), replace(old, index=AddressIndex(KeyedHash([bytes([7] * 32)])))
    found = await turning.find(Realm.SHOPPER, ANNA)
    assert (found and found.subject, await after.find(Realm.SHOPPER, ANNA)) == (subject, None)
    sealed = Sealed(subject="shopper-2", ciphertext="x")
    assert (await turning.claim(Realm.SHOPPER, ANNA, "shopper-2", sealed, office.now)).subject == subject
    assert [await reindex(turning, office.mailer.vault) for _ in range(2)] == [1, 0]
    found = await after.find(Realm.SHOPPER, ANNA)
    assert found is not None
    assert found.subject == subject
