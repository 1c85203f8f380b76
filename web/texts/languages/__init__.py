"""The texts of the shop's pages in each language: gettext, a file `<language>.po` beside this one.

English is what templates and code say; `messages.pot` lists it. The pseudo-language is made from that list, longer,
with accents and in brackets: a text that is not translated, or does not fit, is seen without another language.
"""

import re
from collections.abc import Sequence
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ENGLISH, PSEUDO = "en", "pseudo"
FOLDER = files("web") / "texts" / "languages"
TEMPLATE = "messages.pot"

KEPT = re.compile(r"(%\(\w+\)[sd]|%%|<[^>]*>|&\w+;)")
"""What is no words: places of values, marks of HTML."""

ACCENTS = str.maketrans(
    "aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQrRsStTuUvVwWxXyYzZ", "áÁƀƁçÇðÐéÉƒƑĝĜĥĤíÍĵĴķĶļĻɱṀñÑóÓþÞʠɊŕŔšŠţŢúÚṽṼŵŴẋẊýÝžŽ"
)
VOWELS = "aeiouyAEIOUY"
LONGER = 0.35


def noted(text: str) -> str:
    """Marks a text of Python code as one to translate. It is translated where a page shows it."""
    return text


@cache
def known_languages() -> Sequence[str]:
    """English, and those that have a file."""
    return (ENGLISH, *sorted(it.name.removesuffix(".po") for it in FOLDER.iterdir() if it.name.endswith(".po")))


@cache
def translations(language: str) -> NullTranslations:
    """The texts of a language, by the English ones. A text that is missing is shown in English."""
    if language == ENGLISH:
        return NullTranslations()
    catalogue = in_pseudo() if language == PSEUDO else _read(f"{language}.po")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def in_pseudo() -> Catalog:
    """All texts in the pseudo-language."""
    catalogue = _read(TEMPLATE)
    catalogue.locale = ENGLISH
    for message in catalogue:
        if message.id:
            message.string = tuple(map(pseudo, message.id)) if message.pluralizable else pseudo(str(message.id))
    return catalogue


def pseudo(text: str) -> str:
    """A text in the pseudo-language. Places of values and marks of HTML stay."""
    parts = KEPT.split(text)
    more, made = round(sum(map(len, parts[::2])) * LONGER), list[str]()
    for number, part in enumerate(parts):
        if number % 2:
            made.append(part)
            continue
        for letter in part:
            twice = more > 0 and letter in VOWELS
            more -= twice
            made.append(letter.translate(ACCENTS) * (1 + twice))
    return f"⟦{''.join(made)}{'·' * more}⟧"


def _read(name: str) -> Catalog:
    return read_po(BytesIO((FOLDER / name).read_bytes()), abort_invalid=True)
