"""The engine that asks OpenSearch. It tries the words of a term in the same order as the one in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from opensearchpy import AsyncOpenSearch

from domain.shared.ids import CategoryId
from infra.opensearch import query
from infra.opensearch.client import translated
from infra.opensearch.query import Match
from projections.dated_prices import lowest_price
from projections.engine.paging import Page, Place
from projections.product_catalogue import shown
from projections.search.question import Counts, Engine, Found, Hit, Question, Sort, hit
from projections.search.spelling import mended
from projections.search.vocabulary import SHORTEST_BEGINNING
from projections.search.words import MOST_WORDS, words

LOOKED_AT = 200
"""So many names are taken from what was found before those that do not fit the beginning are left out."""


@dataclass(frozen=True, slots=True)
class OpenSearchEngine:
    """Implements SearchEngine on an alias."""

    client: AsyncOpenSearch
    alias: str

    async def search(self, question: Question, at: datetime) -> Found:
        typed = words(question.term)[:MOST_WORDS]
        if not typed:
            return await self._asked(question, query.nothing() if question.term.strip() else query.everything(), at)
        for beginning in (False, True):
            found = await self._asked(question, query.all_of(question.term, typed, beginning=beginning), at)
            if found.matched:
                return found
        better = await self._corrected(typed)
        if better is None:
            return await self._asked(question, query.any_of(question.term, typed), at)
        found = await self._asked(question, query.all_of(question.term, better), at)
        if not found.matched:
            if (some := await self._asked(question, query.any_of(question.term, typed), at)).matched:
                return some
            found = await self._asked(question, query.any_of(question.term, better), at)
        return replace(found, corrected=" ".join(better))

    async def complete(self, beginning: str, size: int) -> Sequence[str]:
        typed = words(beginning)[:MOST_WORDS]
        if len("".join(typed)) < SHORTEST_BEGINNING:
            return []
        answer = await self._sent(query.completions(typed, LOOKED_AT))
        named = [(bucket["key"], bucket["doc_count"]) for bucket in answer["aggregations"]["names"]["buckets"]]
        fitting = [(name, heard, uses) for name, uses in named if _fits(heard := words(name), typed)]
        start = " ".join(typed)
        fitting.sort(key=lambda it: (not " ".join(it[1]).startswith(start), -it[2], len(it[0]), it[0]))
        return [name for name, _, _ in fitting[:size]]

    async def _asked(self, question: Question, match: Match, at: datetime) -> Found:
        return _found(await self._sent(query.search(question, match, at)), question, match, at)

    async def _corrected(self, typed: Sequence[str]) -> list[str] | None:
        answer = await self._sent(query.corrections(typed))
        near = {
            heard["text"]: [(option["text"], option["freq"]) for option in heard["options"]]
            for heard in answer["suggest"]["near"]
        }
        return mended(typed, near)

    async def _sent(self, body: Mapping[str, Any]) -> Any:
        with translated():
            return await self.client.search(index=self.alias, body=body)


def _fits(heard: Sequence[str], typed: Sequence[str]) -> bool:
    """Each typed word stands there, the last one at least as a beginning."""
    return set(typed[:-1]) <= set(heard) and any(word.startswith(typed[-1]) for word in heard)


def _found(answer: Any, question: Question, match: Match, at: datetime) -> Found:
    hits = answer["hits"]["hits"]
    items = [(_place(it, question.sort, match), _hit(it["_source"], at)) for it in hits[: question.size]]
    return Found(
        page=Page(items=items, more_before=question.after is not None, more_after=len(hits) > question.size),
        matched=answer["aggregations"]["matched"]["doc_count"] > 0,
        counts=_counts(answer) if question.counts else None,
        engine=Engine.OPENSEARCH,
    )


def _place(it: Any, sort: Sort, match: Match) -> Place:
    first, *rest = it["sort"]
    return (query.rank(first, match) if sort is Sort.RELEVANCE else first, *rest)


def _hit(source: Any, at: datetime) -> Hit:
    document = source["product"]
    lowest = lowest_price(shown(document), at)
    assert lowest is not None
    return hit(source["product_id"], lowest.amount, lowest.currency, document)


def _counts(answer: Any) -> Counts:
    by: dict[str, dict[Any, int]] = {
        name: {bucket["key"]: bucket["doc_count"] for bucket in answer["aggregations"][name]["by"]["buckets"]}
        for name in ("categories", "brands", "prices", "available")
    }
    return Counts(
        total=answer["hits"]["total"]["value"],
        categories={CategoryId(key.partition("/")[2]): number for key, number in by["categories"].items()},
        brands={brand: number for brand, number in by["brands"].items() if brand},
        prices={int(start): number for start, number in by["prices"].items() if number},
        available={bool(answer): number for answer, number in by["available"].items()},
    )
