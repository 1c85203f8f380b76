"""An account is opened by whoever holds the address, once."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from commands.accounts.ports import MailKind, Realm
from commands.accounts.registering import CLAIM_SETTLED_AFTER
from domain.customer.events import CustomerRegistered
from domain.shared.messages import stored_name
from domain.shared.personal import Sealed
from domain.shared.recorded import START
from infra.bootstrap.composition import event_store
from infra.settings import Settings
from tests.support.harness.accounts import PASSWORD, Shop, bearer, token_in
from tests.support.harness.front_desk import problem, said

ANNA = "Anna.Berg@Shop.example"


async def test_a_shopper_registers_behind_the_mailed_link_and_is_logged_in(accounts: Shop) -> None:
    await accounts.post("/auth/register", 202, email=ANNA)
    (letter,) = await accounts.mails()
    assert (letter["To"], letter["Subject"]) == (ANNA, "Counterfoil: Complete your registration")
    assert letter.get_body(("html",)) is not None
    token = token_in(letter)
    tokens = await accounts.post("/auth/register/complete", 201, token=token, password=PASSWORD, name="Anna Berg")
    cart = await said(await accounts.client.post("/carts", json={}, headers=bearer(tokens)), 201)
    assert cart["revision"] == 0
    again = await accounts.client.post("/auth/register/complete", json={"token": token, "password": PASSWORD})
    assert (again.status_code, problem(again)["type"]) == (422, "urn:counterfoil:problem:link-not-valid")
    assert (await accounts.logged_in("anna.berg@SHOP.example"))["subject"] == tokens["subject"]


async def test_who_registers_again_is_told_by_mail_to_the_stored_address_and_nowhere_else(accounts: Shop) -> None:
    await accounts.registered(ANNA)
    assert await accounts.post("/auth/register", 202, email=ANNA.upper()) == {"taken": True}
    (letter,) = await accounts.mails()
    assert (letter["To"], letter["Subject"]) == (ANNA, "Counterfoil: You have an account already")
    assert "token=" not in str(letter)


async def test_one_address_registered_fifty_times_at_once_is_one_account(accounts: Shop, settings: Settings) -> None:
    """Fifty links of fifty mails are followed at once, as if each had been sent before the next was asked for."""
    tokens = []
    for number in range(50):
        await accounts.mailer.identity.post(mail_of(accounts, f"{'anna' if number % 2 else 'ANNA'}@shop.example"))
        (letter,) = await accounts.mails()
        tokens.append(token_in(letter))
    connection = await asyncpg.connect(settings.database)
    await connection.execute("update identity.links set ended_at = null")
    bodies = [{"token": token, "password": PASSWORD} for token in tokens]
    answers = await asyncio.gather(*(accounts.client.post("/auth/register/complete", json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 49
    states = await connection.fetch("select state from identity.emails")
    await connection.close()
    async with event_store(settings) as store:
        page = await store.read_all(after=START, limit=100, types=[stored_name(CustomerRegistered)])
    assert ([row["state"] for row in states], len(page.records)) == (["confirmed"], 1)


def mail_of(accounts: Shop, address: str):  # type: ignore[no-untyped-def]
    from commands.accounts.ports import Mail
    from infra.clock.identity import uuid7

    return Mail(uuid7(), MailKind.REGISTER, Realm.SHOPPER, address, None, accounts.mailer.clock())


@pytest.mark.parametrize("event_was_stored", [False, True])
async def test_a_claim_that_was_never_confirmed_is_settled_by_its_stream(
    accounts: Shop, settings: Settings, event_was_stored: bool
) -> None:
    """A crash between the claim and the event frees the address; one behind the event keeps it."""
    old = accounts.mailer.clock() - CLAIM_SETTLED_AFTER - timedelta(seconds=1)
    identity, subject = accounts.mailer.identity, "shopper-crashed"
    if event_was_stored:
        tokens = await accounts.registered(ANNA)
        subject = tokens["subject"]
        connection = await asyncpg.connect(settings.database)
        await connection.execute("update identity.emails set state = 'pending', claimed_at = $1", old)
        await connection.close()
    else:
        claimed = await identity.claim(Realm.SHOPPER, ANNA, subject, Sealed(subject=subject, ciphertext="x"), old)
        assert claimed.subject == subject
    await accounts.post("/auth/register", 202, email=ANNA)
    answer = await accounts.client.post(
        "/auth/register/complete", json={"token": await accounts.token(), "password": PASSWORD}
    )
    assert answer.status_code == (409 if event_was_stored else 201), answer.text
    found = await identity.find(Realm.SHOPPER, ANNA)
    assert found is not None
    assert (found.confirmed, found.subject == subject) == (True, event_was_stored)


async def test_a_registration_that_broke_off_goes_on_with_the_same_link(
    accounts: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from infra.identity.store import PostgresIdentity

    async def broken(*_: object) -> bool:
        raise ConnectionResetError

    await accounts.post("/auth/register", 202, email=ANNA)
    body = {"token": await accounts.token(), "password": PASSWORD}
    with monkeypatch.context() as patched:
        patched.setattr(PostgresIdentity, "register", broken)
        with pytest.raises(ConnectionResetError):
            await accounts.client.post("/auth/register/complete", json=body)
    tokens = await accounts.post("/auth/register/complete", 201, **body)
    assert (await accounts.logged_in(ANNA))["subject"] == tokens["subject"]


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "at least 10"),
        ("password123", "guessed first"),
        ("P@ssw0rd2026!", "guessed first"),
        ("qwertyuiop", "the alphabet or the keyboard"),
        ("abcabcabcabc", "repeats"),
        ("annaberg2026", "name or the address"),
    ],
)
async def test_a_password_that_is_guessed_first_is_refused(accounts: Shop, password: str, reason: str) -> None:
    await accounts.post("/auth/register", 202, email="annaberg@shop.example")
    body = {"token": await accounts.token(), "password": password}
    refused = problem(await accounts.client.post("/auth/register/complete", json=body))
    assert refused["status"] == 422
    assert (refused["errors"][0]["field"], reason in refused["detail"]) == ("password", True), refused
    await accounts.post("/auth/register/complete", 201, token=body["token"], password=PASSWORD)
