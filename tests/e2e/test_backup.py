"""A shop goes into a file while it takes orders, and lives again out of the file."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg

from infra.backup.tables import TABLES
from infra.postgres.embedded import EmbeddedPostgres
from tests.e2e.shop import counterfoil, data_folder
from tests.e2e.test_up import CHECKOUT, open_shop, order_mugs, place_an_order

PLACED = {"phase": "PLACED", "rejection": None, "order": {"status": "PLACED", "total": {"amount": 2500}}}
ORDERS = 3
LEFT_OUT = (
    "events",
    "snapshots",
    "eventstore_migrations",
    "projection_builds",
    "projection_parked",
    "leases.members",
    "leases.pieces",
    "timekeeping.shown",
    "processes.lateness",
    "vault.wrapping_keys",
    "vault.doomed_keys",
    "web.sessions",
    "web.jobs",
    "web.job_rows",
    "web.filling",
)
"""Beside tables of read models. The log itself is in a backup; the others are made again, or belong to a machine, or
name keys of this shop: a restored one has its own."""

STATE = """
    select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname !~ '^pg_|^information_schema$|_b[0-9]+$'
"""


def test_a_backup_of_a_shop_that_is_open_makes_a_shop_that_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "shop.zip"
    with data_folder() as data, open_shop(data) as (program, client):
        first = place_an_order(client)
        assert asyncio.run(undecided(EmbeddedPostgres(data).url)) == []
        with ThreadPoolExecutor() as others:
            buying = [others.submit(order_mugs, client) for _ in range(ORDERS)]
            taken = counterfoil("backup", str(file), "--data", str(data))
            bought = [order.result() for order in buying]
        assert taken.returncode == 0, taken.stderr
        assert "every hash verified" in taken.stdout
        assert (program.stop(), file.stat().st_mode & 0o777) == (0, 0o600)

    with data_folder() as data:
        restored = counterfoil("restore", str(file), "--data", str(data))
        assert restored.returncode == 0, restored.stderr
        checked = counterfoil("check", "--json", "--data", str(data))
        assert (checked.returncode, json.loads(checked.stdout)["ok"]) == (0, True), checked.stdout
        again = counterfoil("restore", str(file), "--data", str(data))
        assert again.returncode == 2
        assert again.stderr.startswith("counterfoil: There is a shop already: ")
        assert again.stderr.count("\n") == 1

        with open_shop(data) as (program, client):
            # Who had a token has it still, and knows their order; what was under way when the backup was taken ends.
            assert client.ask(CHECKOUT, "back_office", id=first)["checkout"] == PLACED
            for order in bought:
                seen = client.ask(CHECKOUT, "back_office", id=order)["checkout"]
                assert seen is None or seen["phase"] in (
                    "PLACED",
                    "RESERVING",
                    "RESERVED",
                    "AWAITING_PAYMENT",
                    "AUTHORISED",
                    "CONFIRMING",
                ), seen
            order_mugs(client)
            assert program.stop() == 0
        checked = counterfoil("check", "--data", str(data))
        assert (checked.returncode, checked.stdout.splitlines()[-1]) == (0, "Everything holds.")


async def undecided(url: str) -> list[str]:
    """Tables of which nobody has said whether a backup needs them."""
    connection = await asyncpg.connect(url)
    found = [name if schema == "public" else f"{schema}.{name}" for schema, name in await connection.fetch(STATE)]
    await connection.close()
    return sorted(set(found) - {*TABLES, *LEFT_OUT})
