"""Words are what is left when spelling does not count, and synonyms are found in them."""

from hypothesis import given
from hypothesis import strategies as st

from projections.search.synonyms import GROUPS, alternatives
from projections.search.words import LONGEST_WORD, heading, words


def test_case_accents_and_punctuation_do_not_count() -> None:
    assert words("Crème BRÛLÉE, 2.5 oz (Children's)") == ["creme", "brulee", "2.5", "oz", "childrens"]
    assert words("Straße\0 % _ 'x' ² ﬁ") == ["strasse", "x", "2", "fi"]
    for mark in "'‘’‛＇´`ʹʼ′":
        assert words(f"Ben{mark}s O{mark}Neill") == ["bens", "oneill"], mark
    assert heading("  A--b  c/d ") == "a b c d"


@given(st.text())
def test_words_are_their_own_words_and_mean_nothing_to_a_query(text: str) -> None:
    found = words(text)
    assert words(" ".join(found)) == found
    assert all(word.replace(".", "0").isalnum() and len(word) <= LONGEST_WORD for word in found)


def test_every_phrase_of_a_group_stands_for_the_others() -> None:
    assert list(alternatives(["cheap", "soft", "drinks"])) == [
        [("cheap",)],
        [("soft", "drinks"), ("soda",), ("pop",)],
    ]
    assert list(alternatives(["nappies"])) == [[("nappies",), ("diaper",)]]
    assert list(alternatives(["torches"])) == [[("torches",), ("flashlight",)]]
    assert list(alternatives(["glass", "bulb"])) == [[("glass",)], [("bulb",), ("lightbulb",), ("light", "bulb")]]
    assert list(alternatives([])) == []


def test_no_phrase_is_in_two_groups() -> None:
    phrases = [phrase for group in GROUPS for phrase in group]
    assert len(set(phrases)) == len(phrases)
