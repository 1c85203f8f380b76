"""Every engine, with the same goods on its shelf."""

from collections.abc import AsyncIterator

import pytest

from projections.search.postgres import PostgresSearch
from tests.support.builders.shelf import Shelf, stocked
from tests.support.harness.indexed import ReadModel, copied, read_model


@pytest.fixture
async def model(database_url: str) -> AsyncIterator[ReadModel]:
    async with read_model(database_url) as model:
        yield model


@pytest.fixture(params=["postgresql", "opensearch"])
async def shelf(request: pytest.FixtureRequest, model: ReadModel) -> AsyncIterator[Shelf]:
    stocked(model.log)
    if request.param == "postgresql":
        await model.feed()
        yield Shelf(model.log, PostgresSearch(model.tables), model.feed)
        return
    async with copied(model, request.getfixturevalue("opensearch")) as copy:
        await copy.settle()
        yield Shelf(model.log, copy.engine, copy.settle)
