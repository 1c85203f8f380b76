"""Nothing of a person is left in any table after they were forgotten: planted words are looked for in all of them."""

import re
from collections.abc import Sequence

import asyncpg

from domain.shared.personal import Sealed
from infra.bootstrap.composition import build_read_models, sessions_of
from infra.bootstrap.vault import vault_of
from infra.settings import Settings
from tests.support.harness.accounts import Shop, bearer
from tests.support.harness.front_desk import said
from tests.write_api.accounts.test_claiming import GuestShop
from tests.write_api.accounts.test_claiming import shop as shop
from tests.write_api.accounts.test_merging_carts import guest
from tests.write_api.accounts.test_merging_carts import stocked as stocked

EMAIL = "planted@shop.example"
PLANTED = ("planted", "Verborgen", "Geheimweg")
TABLES = """
    select format('%I.%I', schemaname, tablename) from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema')
"""
SEALED = re.compile(r'"subject": ?"([^"]+)",\s*"ciphertext": ?"([^"]+)"')


async def words_left(connection: asyncpg.Connection, *words: str) -> Sequence[tuple[str, str]]:
    """Tables that hold one of the words, in whatever case, with the word."""
    found = list[tuple[str, str]]()
    for (table,) in await connection.fetch(TABLES):
        for word in words:
            if await connection.fetchval(f"select exists (select from {table} t where t::text ilike $1)", f"%{word}%"):
                found.append((table, word))
    return found


async def test_planted_names_and_addresses_are_nowhere_after_the_deletion(shop: GuestShop, settings: Settings) -> None:
    accounts: Shop = shop.accounts
    buyer = await guest(accounts)
    order = await shop.ordered(EMAIL, buyer)
    tokens = await accounts.registered(EMAIL, name="Verborgen Planted", device="Planted phone")
    subject, headers = tokens["subject"], bearer(tokens)
    home = {"name": "Verborgen", "street": "Geheimweg 1", "city": "Zürich", "country": "CH"}
    await said(await accounts.client.post("/account/addresses", json=home, headers=headers), 201)
    await said(await accounts.client.patch("/account", json={"language": "de", "phone": "1"}, headers=headers), 200)
    assert await shop.claim(tokens, order) == 200
    await accounts.post("/auth/password/forgotten", 202, email=EMAIL)
    await build_read_models(settings)
    connection = await asyncpg.connect(settings.database)
    try:
        assert await words_left(connection, *PLANTED) == [("identity.sessions", "planted")]
        assert {table for table, _ in await words_left(connection, subject, buyer.subject)} > {
            "identity.emails",
            "identity.languages",
            "identity.contacts",
            "identity.credentials",
        }
        assert len(await opened(shop, subject, buyer.subject)) == 5
        await said(await accounts.client.delete("/account", headers=headers), 200)
        await build_read_models(settings)
        assert await words_left(connection, *PLANTED) == []
        left = {table for table, _ in await words_left(connection, subject, buyer.subject)}
        assert {it for it in left if it.startswith(("identity.", "vault."))} == set()
        assert {it for it in left if it.startswith("accounts_b")} == set()
        assert await opened(shop, subject, buyer.subject) == []
    finally:
        await connection.close()


async def opened(shop: GuestShop, *subjects: str) -> Sequence[bytes]:
    """What can still be read of all that the log has sealed for these people."""
    sealed = [it for record in await shop.log() for it in SEALED.findall(record.data.decode()) if it[0] in subjects]
    assert {subject for subject, _ in sealed} == {*subjects}
    async with sessions_of(shop.settings, "test") as sessions:
        vault = await vault_of(shop.settings, sessions)
        found = [await vault.open(Sealed(subject=subject, ciphertext=text)) for subject, text in sealed]
    return [it for it in found if it is not None]
