"""Nothing that opens an account is in an event, a log, another table or a backup without secrets, raw or hashed."""

import hashlib
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import asyncpg
import pytest
from oidc_provider_mock import run_server_in_thread
from pydantic import SecretStr

from infra.backup.taking import take
from infra.bootstrap.staff_office import staff_office
from infra.eventstore.factory import open_event_store
from infra.security.key_files import KeyFiles
from infra.settings import Settings
from tests.support.builders.event_log_builder import NOON
from tests.support.harness.accounts import TOKEN, bearer, shop_with_accounts
from tests.support.harness.authenticator import Authenticator
from tests.support.harness.front_desk import said
from tests.support.harness.staff import StaffShop
from tests.write_api.staff.test_provider import Visitor
from tests.write_api.staff.test_second_factor import code_of

ANNA, OLD, NEW, ADA = "anna@shop.example", "planted words 1 zebra", "planted words 2 zebra", "planted words 3 zebra"
CLIENT_SECRET = "planted-client-secret-0123456789"


def forms(secret: str) -> Iterator[bytes]:
    """How a secret may stand somewhere: as it is, encoded, or as a hash without a key."""
    for value in (secret.encode(), *(hashlib.new(it, secret.encode()).digest() for it in ("md5", "sha1", "sha256"))):
        yield value.hex().encode()
        yield b64encode(value).rstrip(b"=")
        yield urlsafe_b64encode(value).rstrip(b"=")
    yield secret.encode()


def found_in(content: bytes, planted: dict[str, str]) -> list[str]:
    return [name for name, secret in planted.items() if any(it in content for it in forms(secret))]


async def tables(connection: asyncpg.Connection, where: str) -> bytes:
    """Every row of the tables, as text."""
    query = f"select format('%I.%I', table_schema, table_name) from information_schema.tables where {where}"
    names = [row[0] for row in await connection.fetch(query)]
    rows = [row[0] for name in names for row in await connection.fetch(f"select t::text from {name} t")]
    assert len(rows) > 3, names
    return "\n".join(rows).encode()


async def journey(shop: StaffShop, invitation: str) -> dict[str, str]:
    """Whatever shoppers and staff are given and choose, by what it is."""
    api, planted = shop.shop, {"password": OLD, "new password": NEW, "password of staff": ADA}
    await api.post("/auth/register", 202, email=ANNA)
    planted["registration token"] = await api.token()
    anna = await api.post("/auth/register/complete", 201, token=planted["registration token"], password=OLD)
    planted["refresh token"], planted["access token"] = anna["refresh_token"], anna["access_token"]
    key = Authenticator()
    asked = await said(await api.client.post("/auth/passkey/options", headers=bearer(anna)), 200)
    planted["challenge"] = asked["options"]["challenge"]
    body: dict[str, Any] = {"name": "planted name of a key", "passkey": key.create(asked["options"])}
    await said(await api.client.post("/auth/passkeys", json=body, headers=bearer(anna)), 201)
    planted["credential id"], planted["name of a passkey"] = str(body["passkey"]["id"]), str(body["name"])
    asked = await api.post("/auth/login/passkey/options", 200)
    planted["challenge of a login"] = asked["options"]["challenge"]
    refused = {"passkey": {**key.get(asked["options"]), "rawId": "AAAA"}}
    assert (await api.client.post("/auth/login/passkey", json=refused)).status_code == 401
    await api.mails()
    await api.post("/auth/password/forgotten", 202, email=ANNA)
    planted["reset token"] = await api.token()
    await api.post("/auth/password/reset", 200, token=planted["reset token"], password=NEW)
    planted["invitation token"] = invitation
    shop.logins["ada"] = await api.post("/staff/join", 201, token=invitation, password=ADA)
    new = await shop.send("ada", "POST", "/auth/authenticator-app", 200)
    planted["TOTP secret"] = new["secret"]
    codes = await shop.send("ada", "POST", "/auth/authenticator-app/confirm", 200, code=code_of(new["secret"]))
    planted["recovery code"] = codes["recovery_codes"][0]
    state, code = await Visitor(api, "").returned("sub-1")
    planted["state"], planted["code of the provider"] = state, code
    answer = await api.client.post("/auth/provider/complete", json={"state": state, "code": code})
    assert answer.status_code == 403
    planted["secret of the client"] = CLIENT_SECRET
    return planted


async def test_no_secret_is_where_it_could_be_read(
    settings: Settings, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with run_server_in_thread() as server:
        issuer = f"http://localhost:{server.server_port}"
        known = {"oidc_issuer": issuer, "oidc_client_id": "shop", "oidc_client_secret": SecretStr(CLIENT_SECRET)}
        settings = settings.model_copy(update=known)
        async with staff_office(settings, "operator") as office:
            _, link = await office.invite("ada@shop.example", "Ada", ("administrator",))
        invitation = TOKEN.search(link)
        assert invitation is not None
        async with shop_with_accounts(settings) as shop:
            planted = await journey(StaffShop(shop), invitation[1])
    assert len(planted) == len(set(planted.values())) == 17
    told = capfd.readouterr()
    logs = re.sub(
        r'"POST /oauth2/authorize[^"]*"', "", told.out + told.err + caplog.text
    ).encode()  # of the provider, not ours
    assert found_in(logs, planted) == []
    assert settings.database is not None
    connection: Any = await asyncpg.connect(settings.database)
    outside = "table_schema not in ('identity', 'pg_catalog', 'information_schema') and table_type = 'BASE TABLE'"
    assert found_in(await tables(connection, outside), planted) == []
    inside = await tables(connection, "table_schema = 'identity'")
    assert [name for name, secret in planted.items() if secret.encode() in inside] == []
    await connection.close()
    store, path = (await open_event_store(settings.database)).store, tmp_path / "bare.zip"
    await take(path, store, settings.database, {}, KeyFiles(tmp_path / "keys"), NOON, with_accounts=False)
    await store.close()
    with ZipFile(path) as backup:
        content = b"\n".join(backup.read(name) for name in backup.namelist())
    assert b"customer.passkey_added.v1" in content
    assert found_in(content, planted) == []
    assert found_in(content + OLD.encode(), planted) == ["password"], "the search finds what is there"
    assert found_in(hashlib.sha256(NEW.encode()).hexdigest().encode(), planted) == ["new password"]
