"""What is made of the numbers that PostgreSQL counted."""

import pytest

from domain.shared.ids import CategoryId
from projections.search.numbers import ALL, OF, counts_of, numbers
from projections.search.question import MOST_BUCKETS, Counts

BY_NAME = {name: of for of, name in OF.items()}


def test_numbers_are_told_apart_by_what_they_are_not_grouped_by() -> None:
    assert OF == {0b0111: "categories", 0b1011: "brands", 0b1101: "prices", 0b1110: "available"}
    assert ALL == 0b1111


def test_most_come_first_and_in_equal_numbers_names_decide() -> None:
    counted = counts_of(
        [
            (BY_NAME["brands"], "b", 2),
            (BY_NAME["brands"], "a", 2),
            (BY_NAME["brands"], "c", 3),
            (BY_NAME["brands"], None, 9),
            (BY_NAME["brands"], "none of them", 0),
            (BY_NAME["categories"], "FOOD", 7),
            (BY_NAME["prices"], "0", 4),
            (BY_NAME["prices"], "2", 1),
            (BY_NAME["available"], "true", 5),
            (BY_NAME["available"], "false", 2),
            (ALL, None, 16),
        ]
    )
    assert counted == Counts(
        total=16,
        categories={CategoryId("FOOD"): 7},
        brands={"c": 3, "a": 2, "b": 2},
        prices={0: 4, 200: 1},
        available={True: 5, False: 2},
    )
    assert list(counted.brands) == ["c", "a", "b"]


def test_no_property_has_more_numbers_than_are_shown() -> None:
    rows = [(BY_NAME["brands"], f"{number:03}", 1) for number in reversed(range(MOST_BUCKETS + 1))]
    assert list(counts_of([*rows, (ALL, None, len(rows))]).brands) == [f"{it:03}" for it in range(MOST_BUCKETS)]


@pytest.mark.parametrize(
    ("narrowed", "number"),
    [
        ({}, "count(*)"),
        (
            {"brands": "brand = $1", "available": "available = $2"},
            "case grouping(place, named, bucket, available)"
            " when 14 then count(*) filter (where brand = $1)"
            " when 11 then count(*) filter (where available = $2)"
            " else count(*) filter (where brand = $1 and available = $2) end",
        ),
    ],
)
def test_a_filter_does_not_narrow_its_own_numbers(narrowed: dict[str, str], number: str) -> None:
    assert f" {number} as number\n" in numbers(narrowed)
