"""Names out of the till, read by people."""

import pytest

from infra.demo.titles import readable, title


@pytest.mark.parametrize(
    ("till", "people"),
    [
        ("FRZN MEAT/MEAT DINNERS", "Frozen meat/meat dinners"),
        ("ICE - CRUSHED/CUBED", "Ice, crushed/cubed"),
        ("BREAD:ITALIAN/FRENCH", "Bread, italian/french"),
        ("CHRISTMAS  SEASONAL", "Christmas seasonal"),
        ("FITNESS&DIET", "Fitness and diet"),
        ("CANDY BARS (SINGLES)(INCLUDING", "Candy bars (singles)"),
        ("AUSTRALIAN/NZ WINES", "Australian/NZ wines"),
        ("DRUG GM", "Drugs and general merchandise"),
    ],
)
def test_capitals_and_abbreviations_become_words(till: str, people: str) -> None:
    assert readable(till) == people


@pytest.mark.parametrize(
    ("category", "kind", "size", "people"),
    [
        ("FRZN ICE", "ICE - CRUSHED/CUBED", "22 LB", "Frozen ice, crushed/cubed, 22 lb"),
        ("CHEESE", "STRING CHEESE", "12 OZ", "String cheese, 12 oz"),
        ("CAT FOOD", "CAT TREATS", None, "Cat food, cat treats"),
        ("BATH", "BATH", None, "Bath"),
        ("COFFEE", None, "9  OZ", "Coffee, 9 oz"),
    ],
)
def test_a_title_goes_from_general_to_special_and_says_nothing_twice(
    category: str, kind: str | None, size: str | None, people: str
) -> None:
    assert title(category, kind, size) == people
