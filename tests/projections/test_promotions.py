"""The promotion book as a row."""

import asyncpg
import pytest

from domain.promotion.decider import promotion_decider
from projections.promotions import PROJECTION, book_of
from tests.domain.promotion.test_promotion import TWO as END
from tests.domain.promotion.test_promotion import drafted, ended, replaced, scheduled
from tests.support.builders.event_log_builder import Log, build, feed

FACTS = (drafted, scheduled(), replaced, ended(END))


@pytest.mark.parametrize("size", [1, 3, 100])
async def test_the_row_is_the_fold_of_the_stream(connection: asyncpg.Connection, size: int) -> None:
    log, tables = Log(), await build(connection, PROJECTION)
    assert await book_of(tables) == promotion_decider.initial
    log.tell(*FACTS, stream="promotion-book")
    await feed(tables, PROJECTION, log.recorded, size)
    known = await book_of(tables)
    book = promotion_decider.replay(FACTS)
    assert (dict(known.entries), known.revision) == (dict(book.entries), book.revision)
