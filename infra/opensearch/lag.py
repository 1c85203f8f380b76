"""The progress of the search indices, in the form of builds of read models."""

import re
from collections.abc import AsyncIterator, Sequence

import msgspec
from opensearchpy import AsyncOpenSearch

from commands.ports import Seen
from domain.shared.recorded import START
from infra.opensearch.client import opened, translated
from infra.opensearch.indexing import CHECKPOINT, Checkpoint, alias_of
from projections.engine.builds import Build, Status
from projections.search.projection import PROJECTION
from projections.search.question import SearchUnavailable

NAME = f"{PROJECTION.name} in OpenSearch"
PATIENCE = 3.0

_NUMBER = re.compile(r"-b(\d+)-\d+-[0-9a-f]+$")


async def indices(url: str, prefix: str) -> Sequence[Build]:
    """The indices under a prefix. A server that does not answer is reported as a failed build."""
    try:
        async with opened(url, patience=PATIENCE) as client:
            with translated():
                return [build async for build in _indices(client, alias_of(prefix))]
    except SearchUnavailable as error:
        return [_build(1, Status.ACTIVE, Seen(START, None), str(error))]


async def _indices(client: AsyncOpenSearch, alias: str) -> AsyncIterator[Build]:
    known = await client.indices.get(index=f"{alias}-b*")
    for name in sorted(known):
        if (found := _NUMBER.search(name)) is None:
            continue
        shown = Status.ACTIVE if alias in known[name]["aliases"] else Status.BUILDING
        answer = await client.get(index=name, id=CHECKPOINT, params={"ignore": "404"})
        seen = Seen(START, None)
        if answer["found"]:
            seen = msgspec.json.decode(answer["_source"][CHECKPOINT], type=Checkpoint).seen
        yield _build(int(found[1]), shown, seen)


def _build(number: int, status: Status, seen: Seen, error: str | None = None) -> Build:
    version = PROJECTION.version
    return Build(
        name=NAME,
        number=number,
        version=version,
        status=status,
        position=seen.position,
        event_id=seen.event_id,
        error=error,
    )
