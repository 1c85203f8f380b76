"""Which known words a mistyped one may mean.

Two words that are near to each other become the same when some letters are left out of both, so each known word is
stored as what is left of it, in all ways; whoever looks for words near to another does the same to that one, and finds
them in an index, however many words there are.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from projections.engine.ports import Tables

DDL = """
create table {s}.cuts (
    cut text not null,
    word text not null,
    primary key (cut, word)
);
"""

SHORT_WORD = 5
"""In words of three letters up to so many one may be wrong, in longer ones two."""

BEGINNING = 7
"""Letters are left out of so many, the first ones; errors further on are found because nothing was left out here."""

CANDIDATES = 20

_NEAR = f"""
select asked.word as asked, near.word, near.uses
from unnest($1::text[]) with ordinality as asked (word, number) cross join lateral (
    select known.word, known.uses
    from unnest($2::text[], $3::int[]) as left_out (cut, number)
    join {{s}}.cuts c on c.cut = left_out.cut join {{s}}.words known on known.word = c.word
    where left_out.number = asked.number
    group by known.word
    order by min(least({BEGINNING}, greatest(length(known.word), length(asked.word))) - length(c.cut)), uses desc, word
    limit {CANDIDATES}
) near
where not exists (select from {{s}}.words known where known.word = asked.word)
"""


def cuts(word: str) -> list[str]:
    """The beginning of a word, and what is left of it without one letter, of longer words also without two."""
    start, most = word[:BEGINNING], 1 if len(word) <= SHORT_WORD else 2
    kept = (combinations(start, len(start) - left_out) for left_out in range(most + 1))
    return list(dict.fromkeys("".join(letters) for ways in kept for letters in ways))


async def learn(added: Iterable[str], tables: Tables) -> None:
    """Take in words that were not known."""
    if rows := _of_words(added):
        await tables.execute("insert into {s}.cuts (cut, word) select * from unnest($1::text[], $2::text[])", *rows)


async def forget(gone: Iterable[str], tables: Tables) -> None:
    """Take out words that were known."""
    if rows := _of_words(gone):
        away = "delete from {s}.cuts where (cut, word) in (select * from unnest($1::text[], $2::text[]))"
        await tables.execute(away, *rows)


def _of_words(words: Iterable[str]) -> list[list[str]]:
    """Columns."""
    rows = [(cut, word) for word in words for cut in cuts(word)]
    return [list(column) for column in zip(*rows, strict=True)]


async def correct(typed: Sequence[str], tables: Tables) -> list[str] | None:
    """The words with each unknown one replaced by the likeliest known; None when nothing is to be mended.

    How much may be wrong: nothing in words of up to two letters, one edit up to five, two in longer ones, where an
    edit is a letter added, left out, changed, or swapped with its neighbour.
    """
    near: dict[str, list[tuple[str, int]]] = {word: [] for word in typed}
    left_out = [(cut, number) for number, word in enumerate(near, 1) if _tolerance(word) for cut in cuts(word)]
    for row in await tables.fetch(_NEAR, list(near), [cut for cut, _ in left_out], [number for _, number in left_out]):
        near[row["asked"]].append((row["word"], row["uses"]))
    return mended(typed, near)


def mended(typed: Sequence[str], near: Mapping[str, Sequence[tuple[str, int]]]) -> list[str] | None:
    """The words with each one that is not among its candidates replaced by the likeliest of them (word, uses)."""
    better = [_likeliest(word, near.get(word, ())) for word in typed]
    return better if better != list(typed) else None


def _likeliest(word: str, candidates: Sequence[tuple[str, int]]) -> str:
    best = (_tolerance(word), True, 1, "")
    for other, uses in candidates:
        edits = distance(word, other, best[0])
        if edits <= best[0]:
            best = min(best, (edits, other[:1] != word[:1], -uses, other))
    return best[-1] or word


def _tolerance(word: str) -> int:
    return 0 if len(word) <= 2 or word[0].isdigit() else 1 if len(word) <= SHORT_WORD else 2


def distance(one: str, other: str, most: int) -> int:
    """Edits between two words, a swap of neighbours being one (optimal string alignment); `most` + 1 for more."""
    one, other = _from_where_they_differ(one, other)
    one, other = _from_where_they_differ(one[::-1], other[::-1])
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, compared in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != compared))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == compared:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def _from_where_they_differ(one: str, other: str) -> tuple[str, str]:
    same = 0
    for letter, compared in zip(one, other, strict=False):
        if letter != compared:
            break
        same += 1
    return one[same:], other[same:]
