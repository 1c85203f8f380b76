"""The one statement of a search in PostgreSQL: what matches, the page of it, and the numbers beside the page.

Of several ways to match, each is tried only when those before it find nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from projections.engine.paging import Page, Window
from projections.engine.ports import Row
from projections.search.numbers import counts_of, numbers
from projections.search.question import Found, Question, Sort, Wanted, hit
from projections.search.synonyms import alternatives
from projections.search.words import code, heading

_OF_A_HIT = ("product_id", "amount", "currency")
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


def of(question: Question, ways: Sequence[Match], at: datetime) -> tuple[str, Sequence[object]]:
    """The statement, and the values of its parameters."""
    values, wanted, ordering = _Values(), question.wanted, question.sort.value
    now = values.mark(at)
    scope = [f"valid_from <= {now}", f"valid_until > {now}"]
    inside, depth = "true", "1"
    if wanted.category_id is not None:
        category = values.mark(wanted.category_id)
        inside = f"path @> array[{category}]"
        depth = f"coalesce((select cardinality(path) from {{s}}.categories where category_id = {category}), 0) + 1"
    columns = {name: name for name in ("product_id", "brand", "amount", "currency", "available", *ordering.columns)}
    columns |= {"inside": inside, "place": f"path[{depth}]" if question.counts else "null"}
    tried = [_tried(way, question, columns, scope, values) for way in ways]
    narrowed, window = _narrowed(wanted, values), Window(size=question.size, after=question.after)
    shown = tuple(dict.fromkeys((*ordering.columns, *_OF_A_HIT)))
    listed = {column: f"array_agg(page.{column} order by page.at)" for column in shown}
    listed["product"] = "array_agg(products.product order by page.at)"
    counted = f", {numbers(narrowed)} counted" if question.counts else ""
    return (
        f"""
        with {_in_turn(tried)}, page as (
            select *, row_number() over () as at from (
                select {", ".join(shown)} from matched
                {_where("inside", *narrowed.values(), *ordering.conditions(window, values))} {ordering.clause(window)}
            ) first
        )
        select * from (select (select way from matched limit 1) as way) known, (
            select {_named(listed)} from page join {{s}}.products using (product_id)
        ) hits{counted}
        """,
        values,
    )


def _tried(
    match: Match, question: Question, columns: Mapping[str, str], scope: Sequence[str], values: _Values
) -> tuple[str, str]:
    """The columns of rows that match, and their condition."""
    rank, conditions = "0", [*scope]
    if match.query is None:
        conditions.append(columns["inside"])
    else:
        sku = values.mark([code(question.term.replace("\0", ""))])
        conditions.append(f"(words @@ {values.query(match.query)} or skus @> {sku}::text[])")
        if question.sort is Sort.RELEVANCE:
            rank = _rank(match, sku, values)
    ranked = {"rank": f"{rank} + case when available then 0 else 1 end"} if "rank" in columns else {}
    return _named({**columns, **ranked}), " and ".join(conditions)


def _in_turn(tried: Sequence[tuple[str, str]]) -> str:
    """Queries that make `matched`, whose rows tell in which `way` they were found."""
    found, names = list[str](), list[str]()
    for columns, condition in tried:
        nothing = "".join(f" and not exists (select from {name})" for name in names)
        names.append(f"way{len(names)}")
        found.append(f"{names[-1]} as materialized (select {columns} from {{s}}.entries where {condition}{nothing})")
    either = " union all ".join(f"select {number} as way, * from {name}" for number, name in enumerate(names))
    return f"{', '.join(found)}, matched as not materialized ({either})"


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


def found(row: Row, question: Question) -> tuple[Found, int | None]:
    """The answer in the row that the statement gives, and which way found it; None: nothing matches."""
    columns = [row[name] or () for name in question.sort.value.columns]
    places = list(zip(*columns, strict=True))
    hits = list(map(hit, *(row[name] or () for name in (*_OF_A_HIT, "product"))))
    page = Page(
        items=list(zip(places, hits, strict=True))[: question.size],
        more_before=question.after is not None,
        more_after=len(hits) > question.size,
    )
    numbered = zip(row["of"], row["value"], row["number"], strict=True) if question.counts else None
    counts = None if numbered is None else counts_of(numbered)
    return Found(page=page, matched=row["way"] is not None, counts=counts), row["way"]
