"""Search in PostgreSQL: full text for words, letters left out and edit distance for typing errors.

The words of a term are tried in turn until something matches: all of them as typed (stemmed, with synonyms), all of
them with the last one as a beginning, all of them corrected, any of them. A page with all its numbers is one statement;
when not all words match as typed, one more finds words that are near, and a third tries everything else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.shared.frozen import replace
from projections.engine.ports import SharedTables, Tables
from projections.search import spelling, statement, vocabulary
from projections.search.question import Found, Question
from projections.search.statement import Match, all_of, any_of, everything
from projections.search.words import MOST_WORDS, words


@dataclass(frozen=True, slots=True)
class PostgresSearch:
    """Implements SearchEngine on a build of the read model."""

    tables: SharedTables

    async def search(self, question: Question, at: datetime) -> Found:
        typed = words(question.term)[:MOST_WORDS]
        async with self.tables.in_turn() as tables:
            if not typed:
                return (await _asked(question, [any_of([]) if question.term.strip() else everything()], at, tables))[0]
            found, _ = await _asked(question, [all_of(typed)], at, tables)
            return found if found.matched else await _otherwise(question, typed, at, tables)

    async def complete(self, beginning: str, size: int) -> Sequence[str]:
        return await vocabulary.complete(beginning, size, self.tables)


async def _otherwise(question: Question, typed: Sequence[str], at: datetime, tables: Tables) -> Found:
    """What is found of words that do not all match as typed."""
    mended = await spelling.correct(typed, tables)
    corrected = None if mended is None else " ".join(mended)
    ways: list[tuple[Match, str | None]] = [(all_of(typed, beginning=True), None), (any_of(typed), None)]
    if mended is not None:
        ways.insert(1, (all_of(mended), corrected))
        ways.append((any_of(mended), corrected))
    found, way = await _asked(question, [match for match, _ in ways], at, tables)
    used = corrected if way is None else ways[way][1]
    return found if used is None else replace(found, corrected=used)


async def _asked(question: Question, ways: Sequence[Match], at: datetime, tables: Tables) -> tuple[Found, int | None]:
    text, values = statement.of(question, ways, at)
    row = await tables.fetchrow(text, *values)
    assert row is not None
    return statement.found(row, question)
