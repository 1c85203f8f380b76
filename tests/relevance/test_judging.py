"""The table can be judged by, and marks are what they are called."""

from collections import Counter

from infra.demo.catalogue import catalogue
from infra.demo.dataset import the_complete_journey
from tests.relevance.judging import Marks, marks, mean, questions
from tests.relevance.shelves import by_category


def test_fifty_questions_of_every_kind_expect_what_there_is() -> None:
    asked = list(questions())
    assert len({one.term for one in asked}) == len(asked) == 50
    assert Counter(one.kind for one in asked) == {
        "sku": 3,
        "name": 12,
        "words": 11,
        "plural": 4,
        "typo": 10,
        "synonym": 8,
        "beginning": 2,
    }
    goods = catalogue(the_complete_journey())
    kinds, skus = by_category(goods), {entry.key: entry.key for entry in goods.entries}
    assert [one.term for one in asked if not one.relevant(kinds, skus)] == []


def test_marks_tell_the_first_place_and_the_share() -> None:
    assert marks(["a", "b", "c"], {"b", "c"}) == Marks(1 / 2, 1.0)
    assert marks(["a"] * 20 + ["b"], {"b"}) == Marks(0.0, 0.0)
    assert marks(["b"] * 5, {str(n) for n in range(99)} | {"b"}) == Marks(1.0, 5 / 20)
    assert mean([Marks(1.0, 0.5), Marks(0.0, 0.5)]) == Marks(0.5, 0.5)
