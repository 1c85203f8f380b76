"""API keys: shown once, scoped, refused soon after they are revoked, on both APIs."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx

from infra.bootstrap.read_api import read_side
from infra.projections import manage
from infra.settings import Settings
from projections.registry import PROJECTIONS
from tests.support.harness.front_desk import problem
from tests.support.harness.staff import StaffShop

CATEGORY: dict[str, Any] = {"name": "Tea"}


def new_key(*permissions: str, days: int = 1) -> dict[str, Any]:
    expires = datetime.now(UTC) + timedelta(days=days)
    return {"name": "Label printer", "permissions": list(permissions), "expires_at": expires.isoformat()}


def holding(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def issued(shop: StaffShop, *permissions: str) -> Any:
    """A key that every process knows."""
    answer = await shop.send("ada", "POST", "/api-keys", 201, **new_key(*permissions))

    async def is_known(process: int) -> bool:
        return (await shop.ask(holding(answer["key"]), "POST", "/carts", process)).status_code == 403

    await shop.soon(is_known)
    return answer


async def test_a_key_does_what_it_permits_until_it_is_revoked(shop: StaffShop) -> None:
    key = await issued(shop, "catalogue")
    for process in (0, 1):
        made = await shop.ask(holding(key["key"]), "POST", "/categories", process, name=f"Tea {process}")
        assert made.status_code == 201
    await shop.send("ada", "POST", f"/api-keys/{key['key_id']}/revoke", 200, reason="Leaked")

    async def is_refused(process: int) -> bool:
        return (await shop.ask(holding(key["key"]), "POST", "/categories", process, **CATEGORY)).status_code == 401

    await shop.soon(is_refused)


async def test_a_key_with_another_secret_or_none_is_refused(shop: StaffShop) -> None:
    key = (await issued(shop, "catalogue"))["key"]
    prefix, secret = key.rsplit("_", 1)[0], key[-10:]
    for wrong in (key[:-1], key + "A", f"{prefix}_", prefix, "cfk_", "cfk__", f"cfk_nothing_{secret}", key.swapcase()):
        refused = await shop.ask(holding(wrong), "POST", "/categories", **CATEGORY)
        assert (wrong, refused.status_code) == (wrong, 401)


async def test_a_key_can_do_nothing_for_which_a_login_is_needed(shop: StaffShop) -> None:
    key = await issued(shop, "customers", "operations", "refunds")
    forget: dict[str, Any] = {"subject": "anna", "reason": "Asked for it", "force": True}
    refused = await shop.ask(holding(key["key"]), "POST", "/people/forget", **forget)
    assert (refused.status_code, problem(refused)["detail"]) == (
        403,
        "An API key cannot do this. Log in as a member of staff.",
    )
    refused = await shop.ask("ada", "POST", "/api-keys", **new_key("admin"))
    assert (refused.status_code, problem(refused)["type"]) == (422, "urn:counterfoil:problem:not-for-keys")


async def test_a_repeated_request_shows_no_second_secret(shop: StaffShop) -> None:
    headers = {"Authorization": f"Bearer {shop.logins['ada']['access_token']}", "Idempotency-Key": "k"}
    body = new_key("stock")
    first = await shop.ask(headers, "POST", "/api-keys", **body)
    second = await shop.ask(headers, "POST", "/api-keys", 1, **body)
    assert (first.status_code, second.status_code) == (201, 409)


async def test_the_database_holds_digests_only_and_notes_the_hour_of_the_last_use(
    shop: StaffShop, database_url: str
) -> None:
    key = await issued(shop, "stock")
    secret = key["key"].split("_", 2)[2]
    connection = await asyncpg.connect(database_url)
    (row,) = await connection.fetch("select k::text, used_at from identity.api_keys k")
    events = await connection.fetchval("select string_agg(e::text, ' ') from events e")

    async def is_noted(_: int) -> bool:
        used = await connection.fetchval("select used_at from identity.api_keys")
        return used is not None and used == used.replace(minute=0, second=0, microsecond=0)

    await shop.soon(is_noted)
    await connection.close()
    assert secret not in row[0]
    assert secret not in events
    assert row[0].split(",")[1].strip('"\\x') not in events


async def test_a_key_reads_on_the_read_api_and_is_listed_with_its_last_use(
    shop: StaffShop, settings: Settings, database_url: str
) -> None:
    connection = await asyncpg.connect(database_url)
    await manage.prepare(connection, PROJECTIONS)
    await connection.close()
    key = await issued(shop, "stock")
    async with (
        read_side(settings) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as client,
    ):

        async def asked(query: str) -> Any:
            answer = await client.post("/graphql", json={"query": query}, headers=holding(key["key"]))
            return answer.json()

        assert await asked("{ me { subject permissions } stockLevels { edges { cursor } } }") == {
            "data": {
                "me": {"subject": f"apikey-{key['key_id']}", "permissions": ["stock"]},
                "stockLevels": {"edges": []},
            }
        }
        assert (await asked("{ orders { edges { cursor } } }"))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
