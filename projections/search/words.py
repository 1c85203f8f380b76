"""Words as all engines see them: of titles when they are stored, and of terms when they are asked for."""

import re
import unicodedata

MOST_WORDS = 16
"""Of a term; of a longer one only the beginning is searched for."""

LONGEST_WORD = 100
"""What goes on after that is not looked at; PostgreSQL and OpenSearch both refuse words without an end."""

_WORD = re.compile(r"\d+(?:\.\d+)+|[^\W_]+")
_APOSTROPHES = str.maketrans("", "", "'‘’‛＇´`ʹʼ′\0")
"""What keyboards, phones and word processors write for one, before NFKD makes a blank and an accent of some."""


def words(text: str) -> list[str]:
    """Lower case, without accents and punctuation: 'Crème brûlée, 2.5 oz' is creme, brulee, 2.5, oz.

    What is left has no character that means anything to a query language.
    """
    spread = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    plain = unicodedata.normalize("NFKD", spread)
    found = _WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))
    return [word[:LONGEST_WORD] for word in found]


def heading(text: str) -> str:
    """The words of a text, with single blanks: what two spellings of one name have in common, and sort by."""
    return " ".join(words(text))


def code(text: str) -> str:
    """A SKU however it is typed."""
    return text.strip().casefold()
