"""The demo's whole catalogue in the read model of search, without a shop around it, and its copy in OpenSearch."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from commands.routes import ROUTES
from domain.shared.recorded import Metadata, Position, Recorded
from infra.demo.catalogue import OPENING, Catalogue
from infra.dev_servers.registry import instances, ports
from infra.postgres.embedded import EmbeddedPostgres
from infra.settings import Settings
from projections.search.projection import PROJECTION
from tests.support.harness.indexed import Copy, ReadModel, copied, read_model

AT_ONCE = 4_000
_BY_NOBODY = Metadata(command_id=UUID(int=0), correlation_id=UUID(int=0), causation_id=UUID(int=0), actor="nobody")


def facts(goods: Catalogue) -> Iterator[object]:
    """What the commands of the import lead to."""
    yield from _decided(goods.categories)
    for entry in goods.entries:
        yield from _decided(entry.on_product())
        yield from _decided([entry.on_stock()])


def _decided(commands: Sequence[object]) -> Iterator[object]:
    decider = ROUTES[type(commands[0])].decider
    state = decider.initial
    for command in commands:
        for fact in decider.decide(state, command):
            state = decider.evolve(state, fact)
            yield fact


def recorded(goods: Catalogue) -> Iterator[Recorded[Any]]:
    for number, fact in enumerate(facts(goods), 1):
        yield Recorded(fact, Position(number), "import", number - 1, UUID(int=number), OPENING, _BY_NOBODY)


@asynccontextmanager
async def filled(server: EmbeddedPostgres, goods: Catalogue) -> AsyncIterator[ReadModel]:
    """A read model that knows all of it."""
    async with read_model(server.url) as model:
        told = recorded(goods)
        while batch := list(islice(told, AT_ONCE)):
            await model.take([one for one in batch if type(one.fact) in PROJECTION.handles], batch[-1].position)
        yield model


@asynccontextmanager
async def indexed(model: ReadModel, folder: Path) -> AsyncIterator[Copy]:
    """Its copy in the OpenSearch that is set, or in one of our own. Raises ServiceMissing."""
    settings = Settings()
    url, own = settings.opensearch, None
    if url is None:
        (own,) = instances(folder, ("opensearch",))
        url = own.start(settings.services_cache, ports(own.server, 0))
    try:
        async with copied(model, url) as copy:
            await copy.settle()
            yield copy
    finally:
        if own is not None:
            own.kill()


def by_category(goods: Catalogue) -> dict[str, set[str]]:
    """Ids of products by the name of their category."""
    found = defaultdict[str, set[str]](set)
    for entry in goods.entries:
        found[entry.path[-1]].add(entry.key)
    return found
