"""Sessions go on by refresh tokens, and end at once when they are ended."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from commands.accounts.ports import Realm
from infra.identity.passwords import Argon2Passwords
from infra.settings import Settings
from tests.support.harness.accounts import PASSWORD, Shop, bearer, shop_with_accounts
from tests.support.harness.front_desk import problem, said

ANNA = "anna@shop.example"
WITHIN = 3.0


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/auth/refresh", json={"refresh_token": token})


async def test_ten_parallel_refreshes_of_one_token_yield_one_successor(accounts: Shop) -> None:
    tokens = await accounts.registered(ANNA)
    answers = await asyncio.gather(*(refresh(accounts.client, tokens["refresh_token"]) for _ in range(10)))
    assert [answer.status_code for answer in answers] == [200] * 10
    (successor,) = {answer.json()["refresh_token"] for answer in answers}
    assert successor != tokens["refresh_token"]
    await said(await refresh(accounts.client, successor), 200)


async def test_a_token_that_comes_again_after_its_successor_was_used_ends_that_session_only(accounts: Shop) -> None:
    phone, laptop = await accounts.registered(ANNA), await accounts.logged_in(ANNA)
    second = await said(await refresh(accounts.client, phone["refresh_token"]), 200)
    third = await said(await refresh(accounts.client, second["refresh_token"]), 200)
    stolen = await refresh(accounts.client, phone["refresh_token"])
    assert (stolen.status_code, problem(stolen)["type"]) == (401, "urn:counterfoil:problem:session-over")
    for ended in (phone, second, third):
        assert (await refresh(accounts.client, ended["refresh_token"])).status_code == 401
    assert (await refresh(accounts.client, laptop["refresh_token"])).status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(29, 200), (30, 401)])
async def test_a_repeat_gets_the_same_successor_for_thirty_seconds(accounts: Shop, seconds: int, status: int) -> None:
    identity, now = accounts.mailer.identity, accounts.mailer.clock()
    first = await identity.start(Realm.SHOPPER, "shopper-1", None, now)
    second = await identity.refresh(first.refresh_token, now)
    again = await identity.refresh(first.refresh_token, now + timedelta(seconds=seconds))
    assert second is not None
    assert (None if again is None else again.refresh_token) == (second.refresh_token if status == 200 else None)
    after = await identity.refresh(second.refresh_token, now + timedelta(seconds=seconds))
    assert (after is not None) == (status == 200)


async def test_a_session_that_is_not_used_for_thirty_days_is_over(accounts: Shop) -> None:
    identity, now = accounts.mailer.identity, accounts.mailer.clock()
    first = await identity.start(Realm.SHOPPER, "shopper-1", None, now)
    assert await identity.refresh(first.refresh_token, now + timedelta(days=30)) is None


@pytest.mark.parametrize("token", ["", "x", "AAAA", "a" * 43, "\xff", "é" * 43, "=" * 44])
async def test_what_is_no_token_of_ours_refreshes_nothing(accounts: Shop, token: str) -> None:
    assert (await refresh(accounts.client, token)).status_code in (401, 422)


async def test_a_logout_ends_the_access_tokens_of_that_session_on_every_process(settings: Settings) -> None:
    async with shop_with_accounts(settings, processes=2) as shop:
        phone, laptop = await shop.registered(ANNA), await shop.logged_in(ANNA)
        here, there = shop.clients
        await said(await there.post("/carts", json={}, headers=bearer(phone)), 201)
        await shop.post("/auth/logout", 200, refresh_token=phone["refresh_token"])
        await shop.post("/auth/logout", 200, refresh_token=phone["refresh_token"])
        for client in (here, there):
            refused = await _refused_within(client, phone)
            assert problem(refused)["detail"] == "The session has ended. Log in again."
            await said(await client.post("/carts", json={}, headers=bearer(laptop)), 201)
        assert (await refresh(here, phone["refresh_token"])).status_code == 401


async def _refused_within(client: httpx.AsyncClient, tokens: Any) -> httpx.Response:
    async with asyncio.timeout(WITHIN):
        while True:
            answer = await client.post("/carts", json={}, headers=bearer(tokens))
            if answer.status_code == 401:
                return answer
            await asyncio.sleep(0.05)


async def test_a_wrong_password_and_an_unknown_address_are_answered_alike(accounts: Shop) -> None:
    await accounts.registered(ANNA)
    answers = [
        await accounts.client.post("/auth/login", json={"email": address, "password": password})
        for address, password in ((ANNA, "not the password"), ("ben@shop.example", PASSWORD))
    ]
    (known, unknown) = [{**problem(answer), "instance": ""} for answer in answers]
    assert known == unknown
    assert (known["status"], known["type"]) == (401, "urn:counterfoil:problem:wrong-credentials")


async def test_a_rotation_whose_answer_was_lost_is_repeated(accounts: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = await accounts.registered(ANNA)

    def broken(*_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr("write_api.auth.logged_in", broken)
        with pytest.raises(ConnectionResetError):
            await refresh(accounts.client, tokens["refresh_token"])
    second = await said(await refresh(accounts.client, tokens["refresh_token"]), 200)
    await said(await refresh(accounts.client, second["refresh_token"]), 200)


async def test_known_and_unknown_addresses_cost_the_same_hashes_and_the_same_rows(
    accounts: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, as time on a shared machine tells nothing; also while no mail can be sent."""
    await accounts.registered(ANNA)
    hashed = list[bool]()
    verify = Argon2Passwords._is_right

    def counted(self: Argon2Passwords, password: str, known: str | bytes) -> bool:
        hashed.append(True)
        return verify(self, password, known)

    monkeypatch.setattr(Argon2Passwords, "_is_right", counted)
    accounts.box.fault = ConnectionRefusedError
    for address in (ANNA, "nobody@shop.example"):
        await accounts.post("/auth/login", 401, email=address, password="not the password")
        for path in ("/auth/register", "/auth/password/forgotten"):
            assert await accounts.post(path, 202, email=address) == {"taken": True}
    assert len(hashed) == 2
    rows = await accounts.mailer.identity.sessions.persistently(
        lambda it: it.fetch("select index, count(*) as n from identity.mails where state = 'due' group by index"), 5
    )
    assert [row["n"] for row in rows] == [2, 2]
