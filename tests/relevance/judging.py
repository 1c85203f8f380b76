"""What a question is to find, and marks for what it found.

A question of the table expects one SKU, or whatever lies in categories of these names: the catalogue's own kinds of
goods, given to it by people. Whether a product is expected does not depend on how a title is worded.
"""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("questions.csv")
LOOKED_AT = 20
SKU = "sku:"


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of the table."""

    kind: str
    term: str
    expected: tuple[str, ...]

    def relevant(self, by_category: Mapping[str, Collection[str]], by_sku: Mapping[str, str]) -> set[str]:
        """Ids of products. Raises KeyError for a line that expects what there is not."""
        return {
            product
            for name in self.expected
            for product in ([by_sku[name.removeprefix(SKU)]] if name.startswith(SKU) else by_category[name])
        }


@dataclass(frozen=True, slots=True)
class Marks:
    """`reciprocal_rank`: one over the place of the first expected hit among the first LOOKED_AT, 0 without one.
    `recall`: the share of what could be expected among those that was there."""

    reciprocal_rank: float
    recall: float


def questions() -> Iterator[Asked]:
    with TABLE.open(newline="") as file:
        for line in csv.DictReader(file):
            yield Asked(line["kind"], line["term"], tuple(line["expected"].split(";")))


def marks(found: Sequence[str], relevant: Collection[str]) -> Marks:
    places = [place for place, product in enumerate(found[:LOOKED_AT], 1) if product in relevant]
    return Marks(reciprocal_rank=1 / places[0] if places else 0.0, recall=len(places) / min(LOOKED_AT, len(relevant)))


def mean(given: Collection[Marks]) -> Marks:
    return Marks(sum(one.reciprocal_rank for one in given) / len(given), sum(one.recall for one in given) / len(given))
