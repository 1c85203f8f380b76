"""The words and the names of what is on sale, each with how many products use it: for completions and corrections."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from projections.engine.ports import Tables
from projections.search import spelling
from projections.search.words import heading, words

DDL = """
create table {s}.words (
    word text primary key,
    uses int not null
);
create table {s}.phrases (
    phrase text primary key,
    heading text not null,
    uses int not null,
    words tsvector not null generated always as (to_tsvector('simple', heading)) stored
);
create index on {s}.phrases using gin (words) with (gin_pending_list_limit = 64);
"""

SHORTEST_BEGINNING = 2

_COMPLETE = """
select phrase from {s}.phrases where words @@ to_tsquery('simple', $1)
order by heading like $2 || '%' desc, uses desc, length(phrase), phrase limit $3
"""


class Named(Protocol):
    """What has words and names."""

    @property
    def heading(self) -> str: ...

    @property
    def about(self) -> str: ...

    @property
    def phrases(self) -> Sequence[str]: ...


async def recount(*, lost: Iterable[Named], won: Iterable[Named], tables: Tables) -> None:
    """Take away the uses that are lost and add those that are won; words without uses are removed."""
    words_by, phrases_by = Counter[str](), Counter[str]()
    for sign, rows in ((-1, lost), (1, won)):
        for row in rows:
            for word in {*row.heading.split(), *row.about.split()}:
                words_by[word] += sign
            for phrase in row.phrases:
                phrases_by[phrase] += sign
    headings = {phrase: heading(phrase) for phrase in phrases_by}
    await _count(phrases_by, "phrases (phrase, uses, heading)", headings, tables)
    added, gone = await _count(words_by, "words (word, uses)", {}, tables)
    await spelling.learn(added, tables)
    await spelling.forget(gone, tables)


async def _count(
    counted: Mapping[str, int], into: str, more: Mapping[str, str], tables: Tables
) -> tuple[list[str], list[str]]:
    """What was not there before, and what is not there any more."""
    moved = {name: uses for name, uses in sorted(counted.items()) if uses}
    if not moved:
        return [], []
    columns = [list(moved), list(moved.values()), *([[more[name] for name in moved]] if more else [])]
    unnested = "$1::text[], $2::int[], $3::text[]" if more else "$1::text[], $2::int[]"
    table, key = into.split()[0], into.split("(")[1].split(",")[0]
    rows = await tables.fetch(
        f"insert into {{s}}.{into} select * from unnest({unnested}) "
        f"on conflict ({key}) do update set uses = {table}.uses + excluded.uses returning {key}, {table}.uses",
        *columns,
    )
    uses = {row[0]: row[1] for row in rows}
    gone = [name for name in uses if not uses[name]]
    if gone:
        await tables.execute(f"delete from {{s}}.{table} where {key} = any($1)", gone)
    return [name for name in uses if uses[name] == moved[name]], gone


async def complete(beginning: str, size: int, tables: Tables) -> list[str]:
    """Names in which each typed word stands, the last one at least as a beginning."""
    typed = words(beginning)
    if len("".join(typed)) < SHORTEST_BEGINNING:
        return []
    query = " & ".join((*typed[:-1], f"{typed[-1]}:*"))
    rows = await tables.fetch(_COMPLETE, query, " ".join(typed), size)
    return [row["phrase"] for row in rows]
