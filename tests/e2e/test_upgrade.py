"""A shop whose code was replaced by a newer one, with read models that the older one has made."""

import asyncio
import os
import signal
from typing import Any

import asyncpg

from tests.e2e.shop import Client, answered, counterfoil, data_folder
from tests.e2e.test_up import open_shop, place_an_order, until

ORDERS = "{ orders(first: 5) { edges { node { total { amount } } } } }"
GOODS = "{ products(first: 5) { edges { node { title } } } }"

AN_OLDER_VERSION = """
update projection_builds set version = version - 1 where name in ('orders', 'product_catalogue');
alter table orders_b1.orders rename column story to as_told_by_an_older_version;
"""
"""The catalogue's build has all that readers ask for, that of orders has not."""


def test_readers_are_told_what_is_made_anew_and_moved_to_it_without_anybodys_hand(database_url: str) -> None:
    with data_folder() as data, open_shop(data, COUNTERFOIL_DATABASE=database_url) as (program, client):
        place_an_order(client)
        until(lambda: _orders(client) == [2500])
        feeding = program.part("projections")
        assert feeding is not None
        os.kill(feeding, signal.SIGSTOP)
        asyncio.run(_on(database_url, AN_OLDER_VERSION))
        program.kill("read-api")

        until(lambda: _refusal(client) == ("5", {"code": "REBUILDING", "model": "orders", "retryAfter": 5}))
        assert _goods(client) == ["Mug"]

        program.kill("projections")
        until(lambda: _goods(client) == ["Mug"] and _refusal(client) is None)
        assert _orders(client) == [2500]
        until(lambda: asyncio.run(_read_from(database_url)) == {"orders": 2, "product_catalogue": 2})
        assert program.stop() == 0
        checked = counterfoil("check", "--data", str(data), COUNTERFOIL_DATABASE=database_url)
        assert checked.stdout.splitlines()[-1] == "Everything holds."


async def _on(database_url: str, statements: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(statements)
    await connection.close()


async def _read_from(database_url: str) -> dict[str, int]:
    """Which builds readers read, of those that were of an older version."""
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch(
        "select name, build from projection_builds where status = 'active' and name in ('orders', 'product_catalogue')"
    )
    await connection.close()
    return {row["name"]: row["build"] for row in rows}


def _refusal(client: Client) -> tuple[str | None, dict[str, Any]] | None:
    """When to come back, and what is told about why; None for an answer."""
    headers = client.bearer("back_office")
    answer = answered("POST", f"{client.read}/graphql", {"query": ORDERS}, headers)
    told = answer.json()
    return (answer.headers.get("retry-after"), told["errors"][0]["extensions"]) if "errors" in told else None


def _orders(client: Client) -> list[Any]:
    return [edge["node"]["total"]["amount"] for edge in client.ask(ORDERS, "back_office")["orders"]["edges"]]


def _goods(client: Client) -> list[Any]:
    return [edge["node"]["title"] for edge in client.ask(GOODS, "back_office")["products"]["edges"]]
