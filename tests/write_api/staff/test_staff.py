"""Inviting, joining, roles and removal, and how soon they act."""

from typing import Any

import asyncpg

from infra.bootstrap.staff_office import staff_office
from infra.settings import Settings
from tests.support.harness.accounts import PASSWORD, bearer
from tests.support.harness.front_desk import problem
from tests.support.harness.staff import StaffShop, link_in, staff_shop

CATEGORY: dict[str, Any] = {"name": "Tea"}


async def test_an_invited_person_joins_and_does_what_their_roles_permit(shop: StaffShop) -> None:
    await shop.invited("ben@shop.example", "ben", "warehouse")

    async def may_receive(process: int) -> bool:
        answer = await shop.ask("ben", "POST", "/stock/MAIN/NOPE/receipts", process, quantity=1)
        return answer.status_code == 404

    await shop.soon(may_receive)
    refused = await shop.ask("ben", "POST", "/categories", **CATEGORY)
    assert (refused.status_code, problem(refused)["detail"]) == (403, "This needs the permission `catalogue`.")


async def test_a_role_that_is_given_or_withdrawn_acts_on_every_process_at_once(shop: StaffShop) -> None:
    ben = await shop.invited("ben@shop.example", "ben", "auditor")

    async def status(process: int) -> int:
        answer = await shop.ask("ben", "POST", "/categories", process, name=f"Tea {process}")
        return answer.status_code

    async def is_admitted(process: int) -> bool:
        return await status(process) in (201, 409)

    async def is_refused(process: int) -> bool:
        return await status(process) == 403

    await shop.send("ada", "PUT", f"/staff/{ben}/roles/back_office", 200)
    await shop.soon(is_admitted)
    await shop.send("ada", "DELETE", f"/staff/{ben}/roles/back_office", 200)
    await shop.soon(is_refused)
    await shop.send("ada", "PUT", "/roles/auditor", 200, permissions=["audit", "catalogue"])
    await shop.soon(is_admitted)


async def test_a_removed_member_is_out_on_every_process_and_their_address_is_free(shop: StaffShop) -> None:
    ben = await shop.invited("ben@shop.example", "ben", "back_office")
    await shop.send("ada", "POST", f"/staff/{ben}/remove", 200, reason="Left")

    async def is_out(process: int) -> bool:
        answer = await shop.ask("ben", "POST", "/categories", process, **CATEGORY)
        return answer.status_code == 401

    await shop.soon(is_out)
    login = {"email": "ben@shop.example", "password": PASSWORD, "as": "staff"}
    assert problem(await shop.shop.client.post("/auth/login", json=login))["type"].endswith("wrong-credentials")
    assert await shop.invited("ben@shop.example", "ben", "auditor") != ben


async def test_the_last_administrator_stays(shop: StaffShop) -> None:
    ada = shop.logins["ada"]["subject"]
    for method, path, body in (
        ("DELETE", f"/staff/{ada}/roles/administrator", {}),
        ("POST", f"/staff/{ada}/remove", {"reason": "Left"}),
        ("PUT", "/roles/administrator", {"permissions": ["orders"]}),
    ):
        refused = await shop.ask("ada", method, path, **body)
        assert (refused.status_code, problem(refused)["type"]) == (409, "urn:counterfoil:problem:last-administrator")


async def test_staff_log_in_with_their_password_as_staff_and_not_as_shoppers(shop: StaffShop) -> None:
    login = {"email": "Ada@Shop.example", "password": PASSWORD}
    again = await shop.shop.post("/auth/login", 200, **login, **{"as": "staff"})
    assert again["subject"] == shop.logins["ada"]["subject"]
    await shop.send(bearer(again), "POST", "/categories", 201, **CATEGORY)
    assert (await shop.shop.client.post("/auth/login", json=login)).status_code == 401


async def test_an_address_is_invited_once_and_a_link_joins_once(shop: StaffShop) -> None:
    invitation: dict[str, Any] = {"email": "ben@shop.example", "roles": ["auditor"]}
    first = await shop.ask("ada", "POST", "/staff", **invitation)
    second = await shop.ask("ada", "POST", "/staff", **(invitation | {"email": "BEN@shop.example"}))
    assert (first.status_code, second.status_code) == (201, 409)
    (letter,) = await shop.shop.mails()
    link = link_in(letter)
    ben = await shop.join(link, "ben")
    used = await shop.shop.client.post("/staff/join", json={"token": link.partition("=")[2], "password": PASSWORD})
    assert (used.status_code, problem(used)["type"]) == (422, "urn:counterfoil:problem:link-not-valid")
    assert ben["subject"] == first.json()["subject"]


async def test_a_new_link_sets_a_new_password_and_ends_the_sessions_before(shop: StaffShop) -> None:
    ben = await shop.invited("ben@shop.example", "ben", "back_office")
    before = dict(shop.logins["ben"])
    await shop.send("ada", "POST", f"/staff/{ben}/invitation", 202)
    (letter,) = await shop.shop.mails()
    await shop.join(link_in(letter), "ben")

    async def has_ended(process: int) -> bool:
        return (await shop.ask(bearer(before), "POST", "/categories", process, **CATEGORY)).status_code == 401

    await shop.soon(has_ended)


async def test_the_log_holds_no_address_and_no_name_of_a_member(shop: StaffShop, database_url: str) -> None:
    await shop.send("ada", "POST", "/staff", 201, email="ben@shop.example", name="Benjamin", roles=["auditor"])
    connection = await asyncpg.connect(database_url)
    stored = await connection.fetchval("select string_agg(e::text, ' ') from events e")
    await connection.close()
    assert "staff.invited.v1" in stored
    assert [word for word in ("ben@shop", "Benjamin", "ada@shop", "Ada") if word in stored] == []


async def test_a_member_of_staff_is_forgotten_only_after_they_were_removed(shop: StaffShop) -> None:
    ben = await shop.invited("ben@shop.example", "ben", "auditor")
    forget: dict[str, Any] = {"subject": ben, "reason": "Asked for it"}
    refused = await shop.ask("ada", "POST", "/people/forget", **forget)
    assert (refused.status_code, problem(refused)["type"]) == (409, "urn:counterfoil:problem:still-on-staff")
    await shop.send("ada", "POST", f"/staff/{ben}/remove", 200, reason="Left")
    await shop.send("ada", "POST", "/people/forget", 200, **forget)


async def test_the_way_in_is_a_new_link_for_a_member_and_an_invitation_for_others(settings: Settings) -> None:
    async with staff_office(settings, "operator") as office:
        first, second = [await office.way_in("eve@shop.example", "Eve", "till") for _ in range(2)]
        assert first != second
        assert [member.roles for member in (await office.roster()).members.values()] == [{"till"}]
    async with staff_shop(settings) as shop:
        await shop.join(second, "eve")
