"""The journeys of accounts with the log in EventStoreDB, and everything else in PostgreSQL."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.settings import Settings
from tests.eventstoredb_server import Server
from tests.write_api.accounts.test_claiming import (
    shop,
    test_an_account_claims_what_was_ordered_with_its_address_however_it_was_written,
)
from tests.write_api.accounts.test_merging_carts import stocked, test_quantities_are_added_capped_by_stock_and_told_once
from tests.write_api.accounts.test_registering import (
    test_a_claim_that_was_never_confirmed_is_settled_by_its_stream,
    test_a_registration_that_broke_off_goes_on_with_the_same_link,
    test_a_shopper_registers_behind_the_mailed_link_and_is_logged_in,
    test_one_address_registered_fifty_times_at_once_is_one_account,
)

__all__ = [
    "shop",
    "stocked",
    "test_a_claim_that_was_never_confirmed_is_settled_by_its_stream",
    "test_a_registration_that_broke_off_goes_on_with_the_same_link",
    "test_a_shopper_registers_behind_the_mailed_link_and_is_logged_in",
    "test_an_account_claims_what_was_ordered_with_its_address_however_it_was_written",
    "test_one_address_registered_fifty_times_at_once_is_one_account",
    "test_quantities_are_added_capped_by_stock_and_told_once",
]


@pytest.fixture
async def settings(database_url: str, tmp_path: Path) -> AsyncIterator[Settings]:
    async with Server() as server:
        yield Settings(
            data=tmp_path,
            database=database_url,
            event_store=server.uri,
            token_secret=SecretStr("a secret of more than thirty-two bytes"),
            vault_key=SecretStr(base64.b64encode(bytes(32)).decode()),
            webhook_secret=SecretStr("the secret of the gateway"),
        )
