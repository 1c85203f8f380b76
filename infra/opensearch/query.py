"""Build OpenSearch requests. A score is a rank reversed, so that both engines sort and page alike."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.opensearch.mapping import moment
from projections.search.question import MOST_BUCKETS, PRICE_STEPS, Question, Sort, Wanted
from projections.search.words import code

Body = dict[str, Any]

HIT = ("product_id", "product")

_KEYS = {"rank": "_score", "heading": "heading.exact"}
_BUCKETS = [
    {"key": str(start), "from": start} | ({"to": end} if end else {})
    for start, end in zip((0, *PRICE_STEPS), (*PRICE_STEPS, None), strict=True)
]
_LUCENE = re.compile(r'([.?+*|{}\[\]()"\\#@&<>~])')


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How words have to match: `query` selects the hits, `scored` ranks them.

    `best` is the score of a hit whose rank is 0, before availability counts.
    """

    query: Body
    scored: Sequence[Body] = ()
    best: int = 5


def everything() -> Match:
    return Match(query={"match_all": {}}, scored=[_worth(5, {"match_all": {}})])


def nothing() -> Match:
    return Match(query={"match_none": {}})


def all_of(term: str, typed: Sequence[str], *, beginning: bool = False) -> Match:
    """Each word, or a synonym of it, has to be found; the last word at least as a beginning."""
    text = " ".join(typed)
    found = _all_begun(typed) if beginning else _every("all", text)
    return Match(
        query=_either(found, _sku(term)),
        scored=[
            _worth(5, _sku(term)),
            _worth(4, {"term": {"heading.exact": text}}),
            _worth(3, {"prefix": {"heading.exact": f"{text} "}}),
            _worth(2, _every("heading", text)),
            _worth(1, found),
        ],
    )


def any_of(term: str, typed: Sequence[str]) -> Match:
    """Whatever has most of the words stands first."""
    text, many = " ".join(typed), len(typed)
    words = [_worth(1, {"match": {"all": {"query": word, "analyzer": "stored"}}}) for word in typed]
    return Match(
        query=_either({"match": {"all": {"query": text, "analyzer": "stored"}}}, _sku(term)),
        scored=[
            _worth(many + 4, _sku(term)),
            _worth(many + 3, {"term": {"heading.exact": text}}),
            _worth(many + 2, {"prefix": {"heading.exact": f"{text} "}}),
            {"bool": {"should": words}},
        ],
        best=many + 4,
    )


def _every(field: str, text: str) -> Body:
    return {"match": {field: {"query": text, "operator": "and", "auto_generate_synonyms_phrase_query": False}}}


def _all_begun(typed: Sequence[str]) -> Body:
    *whole, last = typed
    found = [_every("all", " ".join(whole))] if whole else []
    return {"bool": {"must": [*found, {"match_bool_prefix": {"all": {"query": last, "analyzer": "stored"}}}]}}


def _sku(term: str) -> Body:
    return {"term": {"skus": code(term.replace("\0", ""))}}


def _either(*queries: Body) -> Body:
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}


def _worth(score: int, query: Body) -> Body:
    return {"constant_score": {"filter": query, "boost": score}}


def search(question: Question, match: Match, at: datetime) -> Body:
    """The request for a page, and for the numbers beside it."""
    narrowed, now = _narrowed(question.wanted), moment(at)
    times = [{"range": {"valid_from": {"lte": now}}}, {"range": {"valid_until": {"gt": now}}}]
    filters = [match.query, *times]
    if (category := question.wanted.category_id) is not None and match.query == everything().query:
        filters.append(narrowed.pop("path"))
    scored: list[Body] = []
    if question.sort is Sort.RELEVANCE and match.scored:
        scored = [{"dis_max": {"queries": list(match.scored)}}, _available()]
    ordering = question.sort.value
    direction = "desc" if ordering.descending else "asc"
    body: Body = {
        "query": {"bool": {"filter": filters, "should": scored}},
        "size": question.size + 1,
        "sort": [{_KEYS.get(key, key): "desc" if key == "rank" else direction} for key in ordering.columns],
        "_source": list(HIT),
        "track_scores": bool(scored),
        "track_total_hits": question.counts,
        "aggs": {"matched": {"filter": {"match_all": {}}}},
    }
    if narrowed:
        body["post_filter"] = {"bool": {"filter": list(narrowed.values())}}
    if question.after is not None:
        first, *rest = question.after
        body["search_after"] = [score(first, match) if question.sort is Sort.RELEVANCE else first, *rest]
    if question.counts:
        body["aggs"] |= _counted(narrowed, category or "")
    return body


def rank(score: float, match: Match) -> int:
    """0 for the best hit there can be; see projections.search.question.Sort."""
    return round(2 * (match.best - score) + 1)


def score(rank: Any, match: Match) -> float:
    return match.best - (int(rank) - 1) / 2


def _available() -> Body:
    return {"constant_score": {"filter": {"term": {"available": True}}, "boost": 0.5}}


def _narrowed(wanted: Wanted) -> dict[str, Body]:
    """A filter for each property that is filtered by."""
    found: dict[str, Body] = {}
    if wanted.category_id is not None:
        found["path"] = {"term": {"path": wanted.category_id}}
    if wanted.brands is not None:
        found["brands"] = {"terms": {"brand": list(wanted.brands)}}
    if wanted.price_from is not None or wanted.price_to is not None:
        bounds = {"gte": wanted.price_from, "lte": wanted.price_to}
        found["prices"] = {"range": {"amount": {name: bound for name, bound in bounds.items() if bound is not None}}}
    if wanted.available is not None:
        found["available"] = {"term": {"available": wanted.available}}
    return found


def _counted(narrowed: Mapping[str, Body], category: str) -> Body:
    escaped = _LUCENE.sub(r"\\\1", category)
    many = {"size": MOST_BUCKETS, "order": [{"_count": "desc"}, {"_key": "asc"}]}
    counted: Body = {
        "categories": {"terms": {"field": "below", "include": f"{escaped}/.*", **many}},
        "brands": {"terms": {"field": "brand", **many}},
        "prices": {"range": {"field": "amount", "ranges": _BUCKETS}},
        "available": {"terms": {"field": "available"}},
    }
    return {
        name: {
            "filter": {"bool": {"filter": [it for of, it in narrowed.items() if of != name]}},
            "aggs": {"by": numbers},
        }
        for name, numbers in counted.items()
    }


def corrections(typed: Sequence[str]) -> Body:
    """Known words that are near to each unknown one."""
    near = {
        "field": "spelled",
        "suggest_mode": "missing",
        "max_edits": 2,
        "prefix_length": 0,
        "min_word_length": 3,
        "size": 20,
        "sort": "frequency",
    }
    return {"size": 0, "suggest": {"text": " ".join(typed), "near": {"term": near}}}


def completions(typed: Sequence[str], size: int) -> Body:
    """The names of whatever has names with these words, the most used first."""
    named = {"match": {"named": {"query": " ".join(typed), "operator": "and"}}}
    return {
        "size": 0,
        "query": {"bool": {"filter": [named, {"term": {"stretch": 0}}]}},
        "aggs": {"names": {"terms": {"field": "phrases", "size": size}}},
    }
