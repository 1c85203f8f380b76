"""Passkeys of shoppers: behind the mailed link, from the account, to log in, and all that is refused."""

from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from infra.settings import Settings
from tests.support.harness.accounts import PASSWORD, Shop, bearer
from tests.support.harness.authenticator import Authenticator, text
from tests.support.harness.front_desk import problem, said

ANNA, BEN = "anna@shop.example", "ben@shop.example"
REFUSED = (401, "urn:counterfoil:problem:passkey-refused")


async def options(shop: Shop, tokens: Any = None) -> Any:
    """Of a login, or of a passkey that is to be added."""
    path, headers = ("/auth/login/passkey/options", {}) if tokens is None else ("/auth/passkey/options", bearer(tokens))
    return (await said(await shop.client.post(path, headers=headers), 200))["options"]


async def added(shop: Shop, tokens: Any, key: Authenticator, status: int = 201, name: str = "Phone") -> Any:
    body = {"name": name, "passkey": key.create(await options(shop, tokens))}
    answer = await said(await shop.client.post("/auth/passkeys", json=body, headers=bearer(tokens)), status)
    letters = await shop.mails()
    told = [(it["To"], it["Subject"]) for it in letters]
    assert told == ([(ANNA, "Counterfoil: A passkey was added to your account")] if status == 201 else [])
    return answer


async def entered(shop: Shop, response: dict[str, Any], status: int = 200) -> Any:
    return await said(await shop.client.post("/auth/login/passkey", json={"passkey": response}), status)


async def is_refused(shop: Shop, response: dict[str, Any]) -> bool:
    answer = await shop.client.post("/auth/login/passkey", json={"passkey": response})
    return (answer.status_code, problem(answer)["type"]) == REFUSED


async def events(settings: Settings) -> list[str]:
    connection = await asyncpg.connect(settings.database)
    rows = await connection.fetch("select type from events where stream like 'customer-%' order by position")
    await connection.close()
    return [row["type"] for row in rows]


async def methods(shop: Shop, tokens: Any) -> Any:
    return await said(await shop.client.get("/auth/login-methods", headers=bearer(tokens)), 200)


@pytest.fixture
async def anna(accounts: Shop) -> Any:
    return await accounts.registered(ANNA)


async def test_an_account_is_opened_with_a_passkey_and_has_no_password(accounts: Shop, settings: Settings) -> None:
    key = Authenticator()
    await accounts.post("/auth/register", 202, email=ANNA)
    token = await accounts.token()
    asked = (await accounts.post("/auth/register/passkey/options", 200, token=token))["options"]
    assert (asked["user"]["name"], asked["attestation"], asked["rp"]["id"]) == (ANNA, "none", "localhost")
    selection = asked["authenticatorSelection"]
    assert (selection["userVerification"], selection["residentKey"]) == ("required", "required")
    body = {"token": token, "passkey": key.create(asked), "passkey_name": "Phone"}
    opened = await accounts.post("/auth/register/complete", 201, **body)
    again = await entered(accounts, key.get(await options(accounts)))
    assert again["subject"] == opened["subject"]
    found = await methods(accounts, again)
    assert (found["password"], [it["name"] for it in found["passkeys"]]) == (False, ["Phone"])
    assert await events(settings) == [
        "customer.registered.v1",
        "customer.email_verified.v1",
        "customer.passkey_added.v1",
    ]
    answer = await accounts.client.post("/auth/login", json={"email": ANNA, "password": PASSWORD})
    assert answer.status_code == 401


async def test_either_a_password_or_a_passkey_is_chosen(accounts: Shop) -> None:
    for chosen in ({}, {"password": PASSWORD, "passkey": Authenticator().create(await _any_options(accounts))}):
        answer = await accounts.client.post("/auth/register/complete", json={"token": "q3k", **chosen})
        assert answer.status_code == 422, answer.text


async def _any_options(shop: Shop) -> dict[str, Any]:
    return {**await options(shop), "user": {"id": text(b"nobody")}}


async def test_passkeys_are_added_told_of_renamed_and_removed(accounts: Shop, settings: Settings, anna: Any) -> None:
    phone, laptop = Authenticator(), Authenticator()
    first = await added(accounts, anna, phone)
    known = (await options(accounts, anna))["excludeCredentials"]
    assert [it["id"] for it in known] == [text(phone.credential_id)]
    await added(accounts, anna, laptop, name="Laptop")
    path = f"/auth/passkeys/{first['passkey_id']}"
    await said(await accounts.client.patch(path, json={"name": "Old phone"}, headers=bearer(anna)), 200)
    assert [it["name"] for it in (await methods(accounts, anna))["passkeys"]] == ["Old phone", "Laptop"]
    for _ in range(2):
        await said(await accounts.client.delete(path, headers=bearer(anna)), 200)
    assert [it["name"] for it in (await methods(accounts, anna))["passkeys"]] == ["Laptop"]
    assert await is_refused(accounts, phone.get(await options(accounts)))
    await entered(accounts, laptop.get(await options(accounts)))
    assert (await events(settings))[2:] == ["customer.passkey_added.v1"] * 2 + ["customer.passkey_removed.v1"]


async def test_the_last_way_in_stays(accounts: Shop) -> None:
    key = Authenticator()
    await accounts.post("/auth/register", 202, email=ANNA)
    token = await accounts.token()
    asked = (await accounts.post("/auth/register/passkey/options", 200, token=token))["options"]
    anna = await accounts.post("/auth/register/complete", 201, token=token, passkey=key.create(asked))
    ((only,),) = [(await methods(accounts, anna))["passkeys"]]
    path = f"/auth/passkeys/{only['passkey_id']}"
    answer = await accounts.client.delete(path, headers=bearer(anna))
    assert (answer.status_code, problem(answer)["type"]) == (409, "urn:counterfoil:problem:last-way-in")
    await entered(accounts, key.get(await options(accounts)))
    new = {"new": "three other words 8"}
    await said(await accounts.client.put("/auth/password", json=new, headers=bearer(anna)), 200)
    assert (await accounts.client.put("/auth/password", json=new, headers=bearer(anna))).status_code == 401
    await said(await accounts.client.delete(path, headers=bearer(anna)), 200)


FORGED: dict[str, dict[str, Any]] = {
    "another origin": {"origin": "https://shop.example.attacker.example"},
    "another shop": {"rp_id": "other.example"},
    "nobody verified": {"verifies": False},
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
async def test_what_is_not_for_this_shop_or_not_verified_adds_nothing_and_opens_nothing(
    accounts: Shop, settings: Settings, anna: Any, forged: dict[str, Any]
) -> None:
    refused = await added(accounts, anna, Authenticator(**forged), 401)
    assert refused["type"] == REFUSED[1]
    assert (await methods(accounts, anna))["passkeys"] == []
    assert len(await events(settings)) == 2
    key = Authenticator()
    await added(accounts, anna, key)
    assert await is_refused(accounts, replace(key, **forged).get(await options(accounts)))
    await entered(accounts, key.get(await options(accounts)))


async def test_a_challenge_is_good_once_for_one_purpose_and_one_holder(accounts: Shop, anna: Any) -> None:
    key, other = Authenticator(), Authenticator()
    await added(accounts, anna, key)
    asked = await options(accounts)
    await entered(accounts, key.get(asked))
    assert await is_refused(accounts, key.get(asked)), "used"
    assert await is_refused(accounts, key.get({"challenge": text(bytes(32))})), "never made"
    assert await is_refused(accounts, key.get(await options(accounts, anna))), "of another purpose"
    ben = await accounts.registered(BEN)
    body = {"name": "x", "passkey": other.create(await options(accounts, anna))}
    answer = await accounts.client.post("/auth/passkeys", json=body, headers=bearer(ben))
    assert (answer.status_code, problem(answer)["type"]) == REFUSED, "of another holder"
    assert (await methods(accounts, ben))["passkeys"] == []


async def test_a_challenge_ends(accounts: Shop, settings: Settings, anna: Any) -> None:
    key = Authenticator()
    await added(accounts, anna, key)
    asked = await options(accounts)
    connection = await asyncpg.connect(settings.database)
    await connection.execute("update identity.challenges set expires_at = now() - interval '1 second'")
    await connection.close()
    assert await is_refused(accounts, key.get(asked))


async def test_a_passkey_opens_the_account_of_its_holder_alone(accounts: Shop, anna: Any) -> None:
    key = Authenticator()
    await added(accounts, anna, key)
    ben = await accounts.registered(BEN)
    stolen = replace(key, user_handle=ben["subject"].encode())
    assert await is_refused(accounts, stolen.get(await options(accounts)))
    forged = replace(Authenticator(), credential_id=key.credential_id, user_handle=key.user_handle)
    assert await is_refused(accounts, forged.get(await options(accounts)))
    staff = {"passkey": key.get(await options(accounts)), "as": "staff"}
    assert (await accounts.client.post("/auth/login/passkey", json=staff)).status_code == 401
    refused = await added(accounts, ben, replace(key), 409)
    assert refused["type"] == "urn:counterfoil:problem:passkey-known"


async def test_a_copy_is_noticed_by_its_counter(accounts: Shop, anna: Any) -> None:
    key = Authenticator(counter=5)
    await added(accounts, anna, key)
    copy = replace(key, counter=6)
    await entered(accounts, replace(key, counter=7).get(await options(accounts)))
    assert await is_refused(accounts, copy.get(await options(accounts)))
    await entered(accounts, replace(key, counter=8).get(await options(accounts)))


async def test_forgetting_a_person_deletes_the_passkeys(accounts: Shop, settings: Settings, anna: Any) -> None:
    key = Authenticator()
    await added(accounts, anna, key)
    await options(accounts, anna)
    await said(await accounts.client.delete("/account", headers=bearer(anna)), 200)
    connection = await asyncpg.connect(settings.database)
    for table in ("passkeys", "challenges"):
        query = f"select count(*) from identity.{table} where subject is not null"
        assert await connection.fetchval(query) == 0
    await connection.close()
    assert await is_refused(accounts, key.get(await options(accounts)))
