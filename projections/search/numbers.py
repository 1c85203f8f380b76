"""The numbers beside a page of hits: how PostgreSQL counts them, and what is made of its answer."""

from collections.abc import Iterable, Mapping

from domain.shared.ids import CategoryId
from projections.search.question import MOST_BUCKETS, PRICE_STEPS, Counts

PROPERTIES = {"place": "categories", "named": "brands", "bucket": "prices", "available": "available"}
"""The columns by which is counted what was found, and what their numbers are called."""

ALL = 2 ** len(PROPERTIES) - 1
OF = {ALL - 2**bit: name for bit, name in enumerate(reversed(PROPERTIES.values()))}
"""What `grouping` says of a number: a bit for each column that it is not grouped by."""

_STEPS = f"array[{', '.join(map(str, PRICE_STEPS))}]::bigint[]"


def numbers(narrowed: Mapping[str, str]) -> str:
    """A query that counts the rows of `matched`, in all and by each property, in one go.

    `narrowed` has a condition for each property that is filtered by. It does not narrow the property's own numbers.
    """
    columns = ", ".join(PROPERTIES)
    of, number = f"grouping({columns})", _count(narrowed)
    own = [f"when {it} then {_count(narrowed, but=name)}" for it, name in OF.items() if name in narrowed]
    if own:
        number = f"case {of} {' '.join(own)} else {number} end"
    return f"""(
        select array_agg(of) as of, array_agg(coalesce(place, named, bucket::text, available::text)) as value,
            array_agg(number) as number from (
            select {columns}, {of} as of, {number} as number
            from (
                select place, brand, nullif(brand, '') as named, amount, width_bucket(amount, {_STEPS}) as bucket,
                    available
                from matched where inside
            ) found group by grouping sets ({", ".join(f"({column})" for column in PROPERTIES)}, ())
        ) each
    )"""


def _count(narrowed: Mapping[str, str], but: str | None = None) -> str:
    conditions = [condition for name, condition in narrowed.items() if name != but]
    return f"count(*) filter (where {' and '.join(conditions)})" if conditions else "count(*)"


def counts_of(numbered: Iterable[tuple[int, str | None, int]]) -> Counts:
    """Of each property the values that are found most; in equal numbers, in the order of their names."""
    by: dict[str, dict[str, int]] = {name: {} for name in OF.values()}
    total = 0
    for of, value, number in sorted(numbered, key=lambda it: (-it[2], it[1] or "")):
        if of == ALL:
            total = number
        elif value is not None and number and len(by[OF[of]]) < MOST_BUCKETS:
            by[OF[of]][value] = number
    return Counts(
        total=total,
        categories={CategoryId(it): number for it, number in by["categories"].items()},
        brands=by["brands"],
        prices={(0, *PRICE_STEPS)[int(bucket)]: number for bucket, number in by["prices"].items()},
        available={answer == "true": number for answer, number in by["available"].items()},
    )
