"""A shop with accounts on a database of its own, whose passwords are hashed quickly."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.settings import Settings
from tests.support.harness.accounts import QUICK, Shop, shop_with_accounts


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path,
        database=database_url,
        token_secret=SecretStr("a secret of more than thirty-two bytes"),
        vault_key=SecretStr(base64.b64encode(bytes(32)).decode()),
        webhook_secret=SecretStr("the secret of the gateway"),
    )


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.bootstrap.accounts.OWASP", QUICK)


@pytest.fixture
async def accounts(settings: Settings) -> AsyncIterator[Shop]:
    async with shop_with_accounts(settings) as shop:
        yield shop
