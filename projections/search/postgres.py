"""Search in PostgreSQL: full text for words, trigrams and edit distance for typing errors.

The words of a term are tried in turn until something matches: all of them as typed (stemmed, with synonyms), all of
them with the last one as a beginning, all of them corrected, any of them. A page with all its numbers is one statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.shared.frozen import replace
from projections.ports import Tables
from projections.search import statement, vocabulary
from projections.search.question import Found, Question
from projections.search.statement import Match, all_of, any_of, everything
from projections.search.words import MOST_WORDS, words


@dataclass(frozen=True, slots=True)
class PostgresSearch:
    """Implements SearchEngine on a build of the read model."""

    tables: Tables

    async def search(self, question: Question, at: datetime) -> Found:
        typed = words(question.term)[:MOST_WORDS]
        if not typed:
            return await self._asked(question, any_of([]) if question.term.strip() else everything(), at)
        for match in (all_of(typed), all_of(typed, beginning=True)):
            if (found := await self._asked(question, match, at)).matched:
                return found
        mended = await vocabulary.correct(typed, self.tables)
        if mended is None:
            return await self._asked(question, any_of(typed), at)
        found = await self._asked(question, all_of(mended), at)
        if not found.matched:
            if (some := await self._asked(question, any_of(typed), at)).matched:
                return some
            found = await self._asked(question, any_of(mended), at)
        return replace(found, corrected=" ".join(mended))

    async def complete(self, beginning: str, size: int) -> Sequence[str]:
        return await vocabulary.complete(beginning, size, self.tables)

    async def _asked(self, question: Question, match: Match, at: datetime) -> Found:
        text, values = statement.of(question, match, at)
        row = await self.tables.fetchrow(text, *values)
        assert row is not None
        return statement.found(row, question)
