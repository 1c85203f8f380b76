"""A shop with a first administrator, who joined by the link of the command line."""

from collections.abc import AsyncIterator

import pytest

from infra.bootstrap.staff_office import staff_office
from infra.settings import Settings
from tests.support.harness.accounts import QUICK
from tests.support.harness.staff import StaffShop, staff_shop
from tests.write_api.accounts.conftest import settings

__all__ = ["settings"]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.bootstrap.accounts.OWASP", QUICK)


@pytest.fixture
async def shop(settings: Settings) -> AsyncIterator[StaffShop]:
    async with staff_office(settings, "operator") as office:
        _, link = await office.invite("ada@shop.example", "Ada", ("administrator",))
    async with staff_shop(settings) as shop:
        await shop.join(link, "ada")
        yield shop
