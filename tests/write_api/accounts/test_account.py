"""What a shopper does with an account: profile, addresses, consents, devices, passwords, addresses and its end."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from infra.settings import Settings
from tests.support.harness.accounts import PASSWORD, Shop, bearer, token_in
from tests.support.harness.front_desk import problem, said

ANNA, NEW = "anna@shop.example", "anna.berg@post.example"
OTHER_PASSWORD = "three other words 8"
HOME = {"name": "Anna Berg", "street": "Bergstrasse 1", "postal_code": "8001", "city": "Zürich", "country": "CH"}
GONE = "urn:counterfoil:problem:not-authenticated"


class Anna:
    """A shopper who is logged in."""

    def __init__(self, shop: Shop, tokens: Any) -> None:
        self.client, self.tokens = shop.client, tokens
        self.subject = tokens["subject"]

    async def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await self.client.request(method, path, json=body, headers=bearer(self.tokens))
        return await said(answer, status)

    async def is_refused(self) -> bool:
        async with asyncio.timeout(3):
            while True:
                answer = await self.client.get("/account", headers=bearer(self.tokens))
                if answer.status_code == 401:
                    return bool(problem(answer)["type"] == GONE)
                await asyncio.sleep(0.05)


@pytest.fixture
async def anna(accounts: Shop) -> Anna:
    return Anna(accounts, await accounts.registered(ANNA, name="Anna Berg", device="phone"))


async def test_a_profile_is_changed_field_by_field(anna: Anna) -> None:
    await anna.ask("PATCH", "/account", {"phone": "+41 44 123 45 67"})
    await anna.ask("PATCH", "/account", {"language": "de-CH"})
    profile = await anna.ask("GET", "/account")
    del profile["registered_at"]
    assert profile == {
        "subject": anna.subject,
        "email": ANNA,
        "name": "Anna Berg",
        "phone": "+41 44 123 45 67",
        "language": "de-CH",
    }
    await anna.ask("PATCH", "/account", {"phone": ""})
    assert (await anna.ask("GET", "/account"))["phone"] == ""


async def test_an_address_book_has_defaults(anna: Anna) -> None:
    home = (await anna.ask("POST", "/account/addresses", HOME, 201))["address_id"]
    work = (await anna.ask("POST", "/account/addresses", {**HOME, "street": "Talweg 2", "for_delivery": True}, 201))[
        "address_id"
    ]
    kept = (await anna.ask("GET", "/account/addresses"))["addresses"]
    assert [(it["address_id"], it["street"], it["for_delivery"], it["for_billing"]) for it in kept] == [
        (home, "Bergstrasse 1", False, True),
        (work, "Talweg 2", True, False),
    ]
    await anna.ask("PUT", f"/account/addresses/{home}", {**HOME, "city": "Bern"})
    await anna.ask("DELETE", f"/account/addresses/{work}")
    (left,) = (await anna.ask("GET", "/account/addresses"))["addresses"]
    assert left == {**HOME, "city": "Bern", "region": "", "address_id": home, "for_delivery": True, "for_billing": True}


async def test_consents_keep_their_history(anna: Anna) -> None:
    await anna.ask("PUT", "/account/consents/newsletter", {"wording": "2026-11"})
    await anna.ask("DELETE", "/account/consents/newsletter")
    found = (await anna.ask("GET", "/account/consents"))["consents"]
    assert [(it["purpose"], it["given"], it["wording"]) for it in found] == [
        ("newsletter", True, "2026-11"),
        ("newsletter", False, None),
    ]


async def test_devices_are_listed_and_logged_out_one_by_one(accounts: Shop, anna: Anna) -> None:
    laptop = Anna(accounts, await accounts.logged_in(ANNA, device="laptop"))
    found = (await anna.ask("GET", "/auth/sessions"))["sessions"]
    assert [(it["device"], it["present"]) for it in found] == [("laptop", False), ("phone", True)]
    await anna.ask("DELETE", f"/auth/sessions/{found[0]['session_id']}")
    assert await laptop.is_refused()
    answer = await anna.client.delete(f"/auth/sessions/{found[0]['session_id']}", headers=bearer(anna.tokens))
    assert (answer.status_code, problem(answer)["type"]) == (404, "urn:counterfoil:problem:session-not-found")
    assert len((await anna.ask("GET", "/auth/sessions"))["sessions"]) == 1


async def test_nobody_ends_a_session_of_another_account(accounts: Shop, anna: Anna) -> None:
    ben = Anna(accounts, await accounts.registered("ben@shop.example"))
    (session,) = (await anna.ask("GET", "/auth/sessions"))["sessions"]
    assert (await ben.ask("DELETE", f"/auth/sessions/{session['session_id']}", None, 404))["status"] == 404
    await anna.ask("GET", "/account")


async def test_a_logout_everywhere_ends_all_devices(accounts: Shop, anna: Anna) -> None:
    laptop = Anna(accounts, await accounts.logged_in(ANNA))
    await laptop.ask("POST", "/auth/logout/everywhere")
    assert (await anna.is_refused(), await laptop.is_refused()) == (True, True)


async def test_a_changed_password_ends_the_other_devices_and_is_told(accounts: Shop, anna: Anna) -> None:
    laptop = Anna(accounts, await accounts.logged_in(ANNA))
    wrong = {"current": OTHER_PASSWORD, "new": OTHER_PASSWORD}
    assert (await anna.ask("PUT", "/auth/password", wrong, 401))["type"].endswith("wrong-credentials")
    await anna.ask("PUT", "/auth/password", {"current": PASSWORD, "new": OTHER_PASSWORD})
    assert await laptop.is_refused()
    await anna.ask("GET", "/account")
    (letter,) = await accounts.mails()
    assert (letter["To"], letter["Subject"]) == (ANNA, "Counterfoil: Your password was changed")
    await accounts.post("/auth/login", 401, email=ANNA, password=PASSWORD)
    await accounts.logged_in(ANNA, OTHER_PASSWORD)


async def test_a_new_address_is_confirmed_by_its_own_link_and_both_are_told(accounts: Shop, anna: Anna) -> None:
    await anna.ask("POST", "/auth/email", {"email": NEW, "password": OTHER_PASSWORD}, 401)
    await anna.ask("POST", "/auth/email", {"email": NEW, "password": PASSWORD}, 202)
    (letter,) = await accounts.mails()
    assert letter["To"] == NEW
    assert (await anna.ask("GET", "/account"))["email"] == ANNA
    await accounts.post("/auth/email/confirm", 200, token=token_in(letter))
    assert sorted(letter["To"] for letter in await accounts.mails()) == sorted([ANNA, NEW])
    assert (await anna.ask("GET", "/account"))["email"] == NEW
    await accounts.post("/auth/login", 401, email=ANNA, password=PASSWORD)
    await accounts.logged_in(NEW)
    await accounts.post("/auth/email/confirm", 422, token=token_in(letter))
    await accounts.registered(ANNA)


async def test_an_address_of_another_account_gets_no_link(accounts: Shop, anna: Anna) -> None:
    await accounts.registered(NEW)
    await anna.ask("POST", "/auth/email", {"email": NEW.upper(), "password": PASSWORD}, 202)
    assert await accounts.mails() == []


async def test_a_guest_has_no_account(accounts: Shop) -> None:
    guest = (await accounts.post("/sessions", 201))["token"]
    for method, path in (("GET", "/account"), ("DELETE", "/account"), ("GET", "/auth/sessions")):
        answer = await accounts.client.request(method, path, headers={"Authorization": f"Bearer {guest}"})
        assert (answer.status_code, problem(answer)["type"]) == (404, "urn:counterfoil:problem:account-not-found")


async def test_a_deleted_account_leaves_nothing_that_can_be_read(
    accounts: Shop, anna: Anna, settings: Settings
) -> None:
    """Planted: a name, an address, a street and a device. Searched: every column of every table, as text."""
    await anna.ask("POST", "/account/addresses", HOME, 201)
    await anna.ask("POST", "/auth/email", {"email": NEW, "password": PASSWORD}, 202)
    laptop = Anna(accounts, await accounts.logged_in(ANNA, device="Annas laptop"))
    await laptop.ask("DELETE", "/account")
    assert (await anna.is_refused(), await laptop.is_refused()) == (True, True)
    await accounts.post("/auth/login", 401, email=ANNA, password=PASSWORD)
    await accounts.post("/auth/refresh", 401, refresh_token=anna.tokens["refresh_token"])
    connection = await asyncpg.connect(settings.database)
    identity = "emails", "credentials", "sessions", "refresh", "links"
    assert [await connection.fetchval(f"select count(*) from identity.{table}") for table in identity] == [0] * 5
    everything = await dump(connection)
    assert [it for it in ("Annas", "Anna Berg", "Bergstrasse", ANNA, NEW) if it in everything] == []
    events = [
        row[0] for row in await connection.fetch("select type from events where stream like '%' || $1", anna.subject)
    ]
    assert events[-1] == "person.forgotten.v1"
    await connection.close()
    await accounts.mails()
    await accounts.registered(ANNA)


async def test_a_deletion_needs_a_login_a_short_time_ago(anna: Anna, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("write_api.http.context.RECENT", timedelta(seconds=-1))
    refused = await anna.ask("DELETE", "/account", None, 403)
    assert refused["type"] == "urn:counterfoil:problem:reauthentication-required"
    await anna.ask("GET", "/account")


async def test_no_table_and_no_event_holds_a_secret_or_a_person_in_the_clear(
    accounts: Shop, anna: Anna, settings: Settings
) -> None:
    await anna.ask("POST", "/account/addresses", HOME, 201)
    await accounts.post("/auth/password/forgotten", 202, email=ANNA)
    token = await accounts.token()
    connection = await asyncpg.connect(settings.database)
    everything = await dump(connection)
    await connection.close()
    secrets = (PASSWORD, "$argon2", token, anna.tokens["refresh_token"], anna.tokens["access_token"])
    assert [it for it in (*secrets, ANNA, "Anna Berg", "Bergstrasse") if it in everything] == []
    assert "registered" in everything


async def dump(connection: asyncpg.Connection) -> str:
    """All rows of all tables, bytes both as they are and as text."""
    tables = await connection.fetch(
        "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')"
    )
    found = []
    for (table,) in tables:
        for row in await connection.fetch(f"select * from {table}"):
            found += [it.decode("latin-1") if isinstance(it, bytes) else str(it) for it in row]
    return json.dumps(found, ensure_ascii=False)


async def test_whoever_has_forgotten_the_password_sets_another_one_behind_the_link(accounts: Shop, anna: Anna) -> None:
    await accounts.post("/auth/password/forgotten", 202, email=ANNA.upper())
    (letter,) = await accounts.mails()
    assert letter["To"] == ANNA
    token = token_in(letter)
    assert (await reset(accounts.client, token, "password123")).status_code == 422
    assert (await reset(accounts.client, token, OTHER_PASSWORD)).status_code == 200
    assert await anna.is_refused()
    again = await reset(accounts.client, token, PASSWORD)
    assert (again.status_code, problem(again)["type"]) == (422, "urn:counterfoil:problem:link-not-valid")
    await accounts.logged_in(ANNA, OTHER_PASSWORD)


async def reset(client: httpx.AsyncClient, token: str, password: str) -> httpx.Response:
    return await client.post("/auth/password/reset", json={"token": token, "password": password})
