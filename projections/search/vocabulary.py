"""The words and the names of what is on sale, each with how many products use it: for completions and corrections."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from projections.ports import Tables
from projections.search.words import heading, words

DDL = """
create extension if not exists pg_trgm;
create extension if not exists fuzzystrmatch;
create table {s}.words (
    word text primary key,
    uses int not null
);
create index on {s}.words using gin (word gin_trgm_ops) with (gin_pending_list_limit = 64);
create table {s}.phrases (
    phrase text primary key,
    heading text not null,
    uses int not null,
    words tsvector not null generated always as (to_tsvector('simple', heading)) stored
);
create index on {s}.phrases using gin (words) with (gin_pending_list_limit = 64);
"""

LONG_WORD = 6
"""Longer words are found by their trigrams; those of shorter ones change too much with one letter."""

SHORT_WORD = 5
"""In shorter words one letter may be wrong, in longer ones two."""

CANDIDATES = 40
SHORTEST_BEGINNING = 2

_LIKE = f"""
select asked.word as asked, w.word, w.uses
from unnest($1::text[]) as asked (word)
cross join lateral (
    (select word, uses from {{s}}.words where length(asked.word) > {LONG_WORD} and word % asked.word
     order by similarity(word, asked.word) desc, uses desc, word limit {CANDIDATES})
    union all
    (select word, uses from {{s}}.words
     where length(asked.word) <= {LONG_WORD}
        and abs(length(word) - length(asked.word)) <= case when length(asked.word) <= {SHORT_WORD} then 1 else 2 end
        and levenshtein_less_equal(word, asked.word, 2) <= 2
     order by levenshtein(word, asked.word), uses desc, word limit {CANDIDATES})
) w
where (select uses from {{s}}.words known where known.word = asked.word) is null
"""

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
    """Take away the uses that are lost and add those that are won; what nobody uses any more goes."""
    words_by, phrases_by = Counter[str](), Counter[str]()
    for sign, rows in ((-1, lost), (1, won)):
        for row in rows:
            for word in {*row.heading.split(), *row.about.split()}:
                words_by[word] += sign
            for phrase in row.phrases:
                phrases_by[phrase] += sign
    await _count(words_by, "words (word, uses)", "word", {}, tables)
    headings = {phrase: heading(phrase) for phrase in phrases_by}
    await _count(phrases_by, "phrases (phrase, uses, heading)", "phrase", headings, tables)


async def _count(counted: Mapping[str, int], into: str, key: str, more: Mapping[str, str], tables: Tables) -> None:
    moved = {name: uses for name, uses in sorted(counted.items()) if uses}
    if not moved:
        return
    columns = [list(moved), list(moved.values()), *([[more[name] for name in moved]] if more else [])]
    unnested = "$1::text[], $2::int[], $3::text[]" if more else "$1::text[], $2::int[]"
    table = into.split()[0]
    await tables.execute(
        f"insert into {{s}}.{into} select * from unnest({unnested}) "
        f"on conflict ({key}) do update set uses = {table}.uses + excluded.uses",
        *columns,
    )
    if any(uses < 0 for uses in moved.values()):
        await tables.execute(f"delete from {{s}}.{table} where {key} = any($1) and uses = 0", list(moved))


async def correct(typed: Sequence[str], tables: Tables) -> list[str] | None:
    """The words with each unknown one replaced by the likeliest known; None when nothing is to be mended.

    How much may be wrong: nothing in words of up to two letters, one edit up to five, two in longer ones, where an
    edit is a letter added, left out, changed, or swapped with its neighbour.
    """
    near: dict[str, list[tuple[str, int]]] = {word: [] for word in typed}
    for row in await tables.fetch(_LIKE, list(near)):
        near[row["asked"]].append((row["word"], row["uses"]))
    return mended(typed, near)


def mended(typed: Sequence[str], near: Mapping[str, Sequence[tuple[str, int]]]) -> list[str] | None:
    """The words with each one that is not among its candidates replaced by the likeliest of them (word, uses)."""
    better = [_likeliest(word, near.get(word, ())) for word in typed]
    return better if better != list(typed) else None


def _likeliest(word: str, candidates: Sequence[tuple[str, int]]) -> str:
    most = _tolerance(word)
    near = [(other, uses) for other, uses in candidates if abs(len(other) - len(word)) <= most]
    ranked = [(distance(word, other), other[:1] != word[:1], -uses, other) for other, uses in near]
    return min((it for it in ranked if it[0] <= most), default=(0, False, 0, word))[-1]


def _tolerance(word: str) -> int:
    return 0 if len(word) <= 2 or word[0].isdigit() else 1 if len(word) <= SHORT_WORD else 2


def distance(one: str, other: str) -> int:
    """Edits between two words, a swap of neighbours being one (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, compared in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != compared))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == compared:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


async def complete(beginning: str, size: int, tables: Tables) -> list[str]:
    """Names in which each typed word stands, the last one at least as a beginning."""
    typed = words(beginning)
    if len("".join(typed)) < SHORTEST_BEGINNING:
        return []
    query = " & ".join((*typed[:-1], f"{typed[-1]}:*"))
    rows = await tables.fetch(_COMPLETE, query, " ".join(typed), size)
    return [row["phrase"] for row in rows]
