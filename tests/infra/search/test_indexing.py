"""An index is the read model's rows again, whatever is deleted, repeated or changed under it."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from commands.ports import LogDiverged
from domain.product.events import ProductDescribed, ProductDiscontinued
from domain.shared.ids import ProductId
from infra.opensearch.indexing import Indexer, NotIndexed, alias_of
from infra.opensearch.lag import NAME, indices
from infra.opensearch.source import Copied, Place
from projections.engine.builds import Status
from projections.search.question import SearchUnavailable
from tests.support.builders.catalogue import on_sale, price
from tests.support.builders.shelf import LATER, Shelf, stocked
from tests.support.harness.indexed import Copy, ReadModel, copied


@pytest.fixture
async def copy(model: ReadModel, opensearch: str) -> AsyncIterator[Copy]:
    stocked(model.log)
    async with copied(model, opensearch) as copy:
        await copy.settle()
        yield copy


def shelf_of(copy: Copy) -> Shelf:
    return Shelf(copy.model.log, copy.engine, copy.settle)


def renamed(copy: Copy, title: str) -> None:
    copy.model.log.tell(ProductDescribed(product_id=ProductId("MUG"), title=title, description="", brand=""))


async def test_every_change_of_a_row_comes_to_the_index(copy: Copy) -> None:
    assert await copy.differences() == set()
    renamed(copy, "Beaker")
    price(copy.model.log, "CHOC", "CHOC-1", 75, LATER)
    copy.model.log.tell(ProductDiscontinued(product_id=ProductId("KETTLE"), reason="gone"))
    await copy.model.feed()
    assert await copy.differences() == {"MUG~0", "CHOC~0", "CHOC~1", "KETTLE~0"}
    assert await copy.indexer.catch_up() == 4
    assert await copy.differences() == set()
    copy.model.log.tell(ProductDiscontinued(product_id=ProductId("CHOC"), reason="gone"))
    await copy.settle()
    assert await copy.differences() == set()
    assert await copy.indexer.catch_up() == 0


async def test_a_late_write_does_not_undo_a_newer_one(copy: Copy) -> None:
    source = copy.indexer.source
    build = await source.active()
    assert build is not None
    old = list(await source.changed(build, Place(), 100))
    renamed(copy, "Beaker")
    await copy.settle()
    (name,) = await copy.client.indices.get(index=f"{copy.engine.alias}-b*")
    await copy.indexer._store(name, old)
    assert await copy.differences() == set()
    gone = [Copied(row.place, None, "") for row in old if row.place.product_id == "MUG"]
    await copy.indexer._store(name, gone)
    assert await copy.differences() == set()


async def test_a_document_that_is_refused_keeps_no_other_from_being_copied(copy: Copy) -> None:
    (name,) = await copy.client.indices.get_alias(name=copy.engine.alias)
    good, bad = ({"index": {"_id": it}} for it in ("GOOD~0", "BAD~0"))
    written = {"product_id": "GOOD", "heading": "good"}
    await copy.indexer._send(name, [(bad, {"amount": "no number"}), (good, written)])
    assert (await copy.client.get(index=name, id="GOOD~0"))["_source"] == written
    assert not await copy.client.exists(index=name, id="BAD~0")
    with pytest.raises(NotIndexed, match="BAD~0"):
        await copy.indexer._send(name, [(bad, {"amount": "no number"})])


async def test_an_index_that_is_deleted_is_built_again(copy: Copy) -> None:
    await copy.client.indices.delete(index=f"{copy.engine.alias}-b*")
    with pytest.raises(SearchUnavailable, match="no index yet"):
        await shelf_of(copy).ids("milk")
    await copy.settle()
    assert await copy.differences() == set()
    assert await shelf_of(copy).ids("milk") == ["CHOCMILK", "OATMILK", "MILK"]


async def test_a_new_mapping_is_an_index_of_its_own_until_it_is_whole(copy: Copy) -> None:
    (before,) = await copy.client.indices.get_alias(name=copy.engine.alias)
    newer = Indexer(copy.client, copy.indexer.source, copy.indexer.prefix, copy.model.event_at, fingerprint="00000000")
    build = await newer.source.active()
    assert build is not None
    beside = await newer._prepared(build)
    assert list(await copy.client.indices.get_alias(name=copy.engine.alias)) == [before]
    assert await shelf_of(copy).ids("kettle") == ["KETTLE"]
    assert await newer.catch_up() > 0
    assert list(await copy.client.indices.get_alias(name=copy.engine.alias)) == [beside]
    assert list(await copy.client.indices.get(index=f"{copy.engine.alias}-b*")) == [beside]
    assert await copy.differences() == set()


async def test_a_build_of_another_database_is_told_apart_by_when_it_was_made(copy: Copy) -> None:
    source = copy.indexer.source
    build = await source.active()
    assert build is not None
    made = await copy.model.readers.fetchrow("select started_at from projection_builds")
    assert made is not None
    assert build.made == made[0].strftime("%Y%m%d%H%M%S%f")


async def test_how_far_an_index_is_can_be_seen(copy: Copy, opensearch: str) -> None:
    (seen,) = await indices(opensearch, copy.indexer.prefix)
    assert (seen.name, seen.status, seen.position) == (NAME, Status.ACTIVE, copy.model.position)
    on_sale(copy.model.log, "NEW", 100, title="New")
    await copy.model.feed()
    assert (await indices(opensearch, copy.indexer.prefix))[0].position < copy.model.position
    (away,) = await indices("http://127.0.0.1:9", copy.indexer.prefix)
    assert (away.state, away.error) == ("failed", "OpenSearch cannot be reached.")
    assert alias_of(copy.indexer.prefix) == copy.engine.alias


@pytest.mark.parametrize("known", [True, False], ids=["other", "shorter"])
async def test_an_index_of_a_log_that_was_restored_stands_still(copy: Copy, opensearch: str, known: bool) -> None:
    (before,) = await indices(opensearch, copy.indexer.prefix)
    assert (before.position, before.event_id) == (copy.model.position, copy.model.log.recorded[-1].event_id)
    whole = list(copy.model.log.recorded)
    copy.model.log.recorded[-1:] = [whole[-1]._replace(event_id=UUID(int=77))] if known else []
    restarted = Indexer(copy.client, copy.indexer.source, copy.indexer.prefix, copy.model.event_at)
    with pytest.raises(LogDiverged):
        await restarted.catch_up()
    assert await indices(opensearch, copy.indexer.prefix) == [before]

    copy.model.log.recorded[:] = whole
    on_sale(copy.model.log, "NEW", 100, title="New")
    await copy.model.feed()
    assert await restarted.catch_up() > 0
    assert await copy.differences() == set()
