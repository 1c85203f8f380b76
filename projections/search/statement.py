"""The one statement of a search in PostgreSQL: what matches, the page of it, and the numbers beside the page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from domain.shared.ids import CategoryId, ProductId
from projections.paging import Page, Window
from projections.ports import Row
from projections.product_catalogue import Entry
from projections.search.entries import PRODUCTS
from projections.search.question import MOST_BUCKETS, PRICE_STEPS, Counts, Found, Question, Sort, Wanted
from projections.search.synonyms import alternatives
from projections.search.words import code, heading

_FOUND = msgspec.json.Decoder(list[tuple[list[Any], ProductId, int, msgspec.Raw]])
_NUMBERS = msgspec.json.Decoder(dict[str, int])
_TERM = re.compile(r"([^\s&|():*]+)(:\*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Words, and how they have to be found: `query` is a tsquery; None finds everything."""

    words: Sequence[str]
    query: str | None
    any: bool = False


def everything() -> Match:
    return Match(words=[], query=None)


def all_of(typed: Sequence[str], *, beginning: bool = False) -> Match:
    """Each part of a term, or a synonym of it, has to be found; the last word at least as a beginning."""
    parts = [" | ".join(f"({' & '.join(phrase)})" for phrase in part) for part in alternatives(typed)]
    if beginning:
        parts[-1] += f" | {typed[-1]}:*"
    return Match(words=typed, query=" & ".join(f"({part})" for part in parts))


def any_of(typed: Sequence[str]) -> Match:
    return Match(words=typed, query=" | ".join(typed), any=True)


class _Values(list[object]):
    """The parameters of a statement; adding one gives its mark."""

    def mark(self, value: object) -> str:
        self.append(value)
        return f"${len(self)}"


def of(question: Question, match: Match, at: datetime) -> tuple[str, Sequence[object]]:
    """The statement, and the values of its parameters."""
    values, wanted = _Values(), question.wanted
    now = values.mark(at)
    conditions = [f"valid_from <= {now}", f"valid_until > {now}"]
    inside, rank, depth = "true", "0", "1"
    if wanted.category_id is not None:
        category = values.mark(wanted.category_id)
        inside = f"path @> array[{category}]"
        depth = f"coalesce((select cardinality(path) from {{s}}.categories where category_id = {category}), 0) + 1"
    if match.query is None:
        conditions.append(inside)
    else:
        sku = values.mark(code(question.term.replace("\0", "")))
        query = values.mark(match.query)
        conditions.append(f"(words @@ to_tsquery('{{s}}.words', {query}) or skus @> array[{sku}])")
        if question.sort is Sort.RELEVANCE:
            rank = _rank(match, sku, values)
    narrowed = {"inside": "inside"} if match.query is not None else {}
    narrowed |= _narrowed(wanted, values)
    ordering, window = question.sort.value, Window(size=question.size, after=question.after)
    keys = ", ".join(f"p.{column}" for column in ordering.columns)
    asked = {
        "matched": "exists (select from matched)",
        "page": f"""(
            select json_agg(json_build_array(json_build_array({keys}), p.product_id, s.published, s.product)
                order by p.at) from page p join {{s}}.products s on s.product_id = p.product_id
        )""",
    }
    if question.counts:
        asked |= _counted(narrowed)
    return (
        f"""
        with matched as materialized (
            select product_id, heading, size, brand, amount, available, published, {inside} as inside,
                {rank} + case when available then 0 else 1 end as rank,
                {f"path[{depth}]" if question.counts else "null"} as place
            from {{s}}.entries where {" and ".join(conditions)}
        ), page as (
            select *, row_number() over () as at from (
                select {", ".join(dict.fromkeys((*ordering.columns, "product_id")))} from matched
                {_where(*narrowed.values(), *ordering.conditions(window, values))} {ordering.clause(window)}
            ) first
        )
        select {", ".join(f"{expression} as {name}" for name, expression in asked.items())}
        """,
        values,
    )


def _rank(match: Match, sku: str, values: _Values) -> str:
    title = values.mark(heading(" ".join(match.words)))
    begins = f"skus @> array[{sku}] then 0 when heading = {title} then 2 when heading like {title} || ' %' then 4"
    if match.any:
        found = "".join(f" + (words @@ to_tsquery('{{s}}.words', {values.mark(word)}))::int" for word in match.words)
        return f"case when {begins} else 8 + 2 * ({len(match.words)} - (0{found})) end"
    in_title = _TERM.sub(lambda term: f"{term[1]}:{'*' if term[2] else ''}A", match.query or "")
    return f"case when {begins} when words @@ to_tsquery('{{s}}.words', {values.mark(in_title)}) then 6 else 8 end"


def _narrowed(wanted: Wanted, values: _Values) -> dict[str, str]:
    """A condition for each property that is filtered by."""
    found = {}
    if wanted.brands is not None:
        found["brands"] = f"brand = any({values.mark(list(wanted.brands))})"
    prices = [
        f"amount {sign} {values.mark(bound)}"
        for sign, bound in ((">=", wanted.price_from), ("<=", wanted.price_to))
        if bound is not None
    ]
    if prices:
        found["prices"] = " and ".join(prices)
    if wanted.available is not None:
        found["available"] = f"available = {values.mark(wanted.available)}"
    return found


def _counted(narrowed: Mapping[str, str]) -> dict[str, str]:
    steps = f"array[{', '.join(map(str, PRICE_STEPS))}]::bigint[]"
    groups = {"categories": "place", "brands": "nullif(brand, '')", "prices": f"width_bucket(amount, {steps})"}
    groups["available"] = "available"
    return {"total": f"(select count(*) from matched {_where(*narrowed.values())})"} | {
        name: f"""(
            select json_object_agg(key, n) from (
                select {key} as key, count(*) as n from matched
                {_where(*(condition for of, condition in narrowed.items() if of != name))}
                group by 1 order by 2 desc, 1 limit {MOST_BUCKETS}
            ) counted where key is not null
        )"""
        for name, key in groups.items()
    }


def _where(*conditions: str) -> str:
    return f"where {' and '.join(conditions)}" if conditions else ""


def found(row: Row, question: Question) -> Found:
    """The answer in the row that the statement gives."""
    lines = _FOUND.decode(row["page"] or "[]")
    items = [
        (tuple(place), Entry(product_id=it, published=published, product=PRODUCTS.read(bytes(product))))
        for place, it, published, product in lines[: question.size]
    ]
    page = Page(items=items, more_before=question.after is not None, more_after=len(lines) > question.size)
    return Found(page=page, matched=row["matched"], counts=_counts(row) if question.counts else None)


def _counts(row: Row) -> Counts:
    categories, brands, prices, available = (
        _NUMBERS.decode(row[name] or "{}") for name in ("categories", "brands", "prices", "available")
    )
    return Counts(
        total=row["total"],
        categories={CategoryId(it): number for it, number in categories.items()},
        brands=brands,
        prices={(0, *PRICE_STEPS)[int(bucket)]: number for bucket, number in prices.items()},
        available={answer == "true": number for answer, number in available.items()},
    )
