"""The one statement of a search in PostgreSQL: what matches, the page of it, and the numbers beside the page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from domain.shared.ids import ProductId
from projections.paging import Page, Window
from projections.ports import Row
from projections.product_catalogue import Entry, Shown
from projections.search.numbers import counts_of, numbers
from projections.search.question import Found, Question, Sort, Wanted
from projections.search.synonyms import alternatives
from projections.search.words import code, heading

_FOUND = msgspec.json.Decoder(list[tuple[list[Any], ProductId, int, Shown]])
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

    def query(self, text: str) -> str:
        """Words that are looked for, read once and not for each row."""
        return f"(select to_tsquery('{{s}}.words', {self.mark(text)}))"


def of(question: Question, match: Match, at: datetime) -> tuple[str, Sequence[object]]:
    """The statement, and the values of its parameters."""
    values, wanted = _Values(), question.wanted
    now = values.mark(at)
    conditions = [f"valid_from <= {now}", f"valid_until > {now}"]
    inside, depth, rank = "true", "1", "0"
    if wanted.category_id is not None:
        category = values.mark(wanted.category_id)
        inside = f"path @> array[{category}]"
        depth = f"coalesce((select cardinality(path) from {{s}}.categories where category_id = {category}), 0) + 1"
    if match.query is None:
        conditions.append(inside)
    else:
        sku = values.mark([code(question.term.replace("\0", ""))])
        conditions.append(f"(words @@ {values.query(match.query)} or skus @> {sku}::text[])")
        if question.sort is Sort.RELEVANCE:
            rank = _rank(match, sku, values)
    narrowed, ordering = _narrowed(wanted, values), question.sort.value
    window = Window(size=question.size, after=question.after)
    columns = {name: name for name in ("product_id", "brand", "amount", "available", *ordering.columns)}
    columns |= {"inside": inside, "place": f"path[{depth}]" if question.counts else "null"}
    if "rank" in columns:
        columns["rank"] = f"{rank} + case when available then 0 else 1 end"
    keys = ", ".join(f"p.{column}" for column in ordering.columns)
    asked = {
        "matched": "exists (select from matched)",
        "page": f"""(
            select json_agg(json_build_array(json_build_array({keys}), p.product_id, s.published, s.product)
                order by p.at) from page p join {{s}}.products s on s.product_id = p.product_id
        )""",
    }
    if question.counts:
        asked["numbers"] = numbers(narrowed)
    return (
        f"""
        with matched as materialized (
            select {_named(columns)}
            from {{s}}.entries where {" and ".join(conditions)}
        ), page as (
            select *, row_number() over () as at from (
                select {", ".join(dict.fromkeys((*ordering.columns, "product_id")))} from matched
                {_where("inside", *narrowed.values(), *ordering.conditions(window, values))} {ordering.clause(window)}
            ) first
        )
        select {_named(asked)}
        """,
        values,
    )


def _rank(match: Match, sku: str, values: _Values) -> str:
    title = heading(" ".join(match.words))
    coded = f"product_id = any(array(select product_id from {{s}}.entries where skus @> {sku}))"
    named, begun = f"heading = {values.mark(title)}", f"starts_with(heading, {values.mark(f'{title} ')})"
    begins = f"{coded} then 0 when {named} then 2 when {begun} then 4"
    if match.any:
        found = "".join(f" + (words @@ {values.query(word)})::int" for word in match.words)
        return f"case when {begins} else 8 + 2 * ({len(match.words)} - (0{found})) end"
    in_title = _TERM.sub(lambda term: f"{term[1]}:{'*' if term[2] else ''}A", match.query or "")
    return f"case when {begins} when words @@ {values.query(in_title)} then 6 else 8 end"


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


def _named(expressions: Mapping[str, str]) -> str:
    return ", ".join(f"{expression} as {name}" for name, expression in expressions.items())


def _where(*conditions: str) -> str:
    return f"where {' and '.join(conditions)}" if conditions else ""


def found(row: Row, question: Question) -> Found:
    """The answer in the row that the statement gives."""
    lines = _FOUND.decode(row["page"] or "[]")
    items = [
        (tuple(place), Entry(product_id=it, published=published, product=product))
        for place, it, published, product in lines[: question.size]
    ]
    page = Page(items=items, more_before=question.after is not None, more_after=len(lines) > question.size)
    return Found(page=page, matched=row["matched"], counts=counts_of(row["numbers"]) if question.counts else None)
