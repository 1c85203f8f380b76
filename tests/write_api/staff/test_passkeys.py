"""Passkeys of staff: both factors at once, and no way around a second factor."""

from typing import Any

from tests.support.harness.accounts import PASSWORD, TOKEN, bearer
from tests.support.harness.authenticator import Authenticator
from tests.support.harness.front_desk import problem, said
from tests.support.harness.staff import StaffShop, link_in
from tests.write_api.staff.test_second_factor import LOGIN, code_of, demanded

CODE = "urn:counterfoil:problem:"


async def added(shop: StaffShop, who: str) -> Authenticator:
    key = Authenticator()
    asked = (await shop.send(who, "POST", "/auth/passkey/options", 200))["options"]
    await shop.send(who, "POST", "/auth/passkeys", 201, name="Key", passkey=key.create(asked))
    return key


async def entered(shop: StaffShop, key: Authenticator) -> Any:
    asked = (await shop.shop.post("/auth/login/passkey/options", 200))["options"]
    body = {"passkey": key.get(asked), "as": "staff"}
    return await shop.shop.post("/auth/login/passkey", 200, **body)


async def test_a_login_by_passkey_is_both_factors_and_a_recent_login(shop: StaffShop) -> None:
    key = await added(shop, "ada")
    await demanded(shop)
    tokens = await entered(shop, key)
    invitation = {"email": "ben@shop.example", "roles": ["auditor"]}
    await shop.send(bearer(tokens), "POST", "/staff", 201, **invitation)


async def test_the_password_alone_neither_opens_nor_adds_a_factor_beside_a_passkey(shop: StaffShop) -> None:
    await added(shop, "ada")
    told = problem(await shop.shop.client.post("/auth/login", json=LOGIN))
    assert (told["type"], told["enrolled"], told["passkey"]) == (f"{CODE}second-factor-required", False, True)
    enrol = await shop.shop.client.post("/auth/second-factor/enrol", json={"challenge": told["challenge"]})
    assert (enrol.status_code, problem(enrol)["type"]) == (409, f"{CODE}already-enrolled")


async def test_an_invited_person_joins_with_a_passkey_and_a_later_link_adds_none(shop: StaffShop) -> None:
    invited = await shop.send("ada", "POST", "/staff", 201, email="ben@shop.example", roles=["auditor"])
    (letter,) = await shop.shop.mails()
    found, key = TOKEN.search(link_in(letter)), Authenticator()
    assert found is not None
    asked = (await shop.shop.post("/staff/join/passkey/options", 200, token=found[1]))["options"]
    tokens = await shop.shop.post("/staff/join", 201, token=found[1], passkey=key.create(asked))
    assert tokens["subject"] == invited["subject"] == (await entered(shop, key))["subject"]
    await shop.send("ada", "POST", f"/staff/{invited['subject']}/invitation", 202)
    (letter,) = await shop.shop.mails()
    again = TOKEN.search(link_in(letter))
    assert again is not None
    for path, body in (
        ("/staff/join/passkey/options", {}),
        ("/staff/join", {"passkey": Authenticator().create(asked)}),
    ):
        answer = await shop.shop.client.post(path, json={"token": again[1], **body})
        assert (answer.status_code, problem(answer)["type"]) == (409, f"{CODE}has-second-factor")
    with_password = {"token": again[1], "password": PASSWORD}
    answer = await shop.shop.client.post("/staff/join", json=with_password)
    assert (answer.status_code, problem(answer)["passkey"]) == (401, True)


async def test_an_administrator_removes_lost_passkeys(shop: StaffShop) -> None:
    key = await added(shop, "ada")
    subject = shop.logins["ada"]["subject"]
    await shop.send("ada", "DELETE", f"/staff/{subject}/second-factor", 200)
    asked = (await shop.shop.post("/auth/login/passkey/options", 200))["options"]
    answer = await shop.shop.client.post("/auth/login/passkey", json={"passkey": key.get(asked), "as": "staff"})
    assert answer.status_code == 401
    await shop.shop.post("/auth/login", 200, **LOGIN)


async def test_a_member_enrols_an_app_that_no_role_demands(shop: StaffShop) -> None:
    new = await shop.send("ada", "POST", "/auth/authenticator-app", 200)
    assert "ada%40shop.example" in new["uri"]
    refused = await shop.ask("ada", "POST", "/auth/authenticator-app/confirm", code="000000")
    assert (refused.status_code, problem(refused)["type"]) == (401, f"{CODE}wrong-code")
    confirmed = await shop.send("ada", "POST", "/auth/authenticator-app/confirm", 200, code=code_of(new["secret"]))
    assert len(set(confirmed["recovery_codes"])) == 10
    told = problem(await shop.shop.client.post("/auth/login", json=LOGIN))
    body = {"challenge": told["challenge"], "code": code_of(new["secret"], 1)}
    await shop.shop.post("/auth/login/second-factor", 200, **body)
    assert (await shop.ask("ada", "POST", "/auth/authenticator-app")).status_code == 409
    found = await said(await shop.ask("ada", "GET", "/auth/login-methods"), 200)
    assert (found["password"], found["authenticator_app"], found["passkeys"]) == (True, True, [])
