"""Words that shoppers use for one another. Every engine takes them from here, and applies them to terms only."""

from collections.abc import Iterator, Sequence

GROUPS: tuple[tuple[str, ...], ...] = (
    ("soda", "pop", "soft drink"),
    ("tv", "television"),
    ("diaper", "nappy"),
    ("chips", "crisps"),
    ("cookie", "biscuit"),
    ("candy", "sweets", "confectionery"),
    ("toilet paper", "toilet tissue", "bath tissue", "loo roll"),
    ("paper towel", "kitchen roll"),
    ("detergent", "washing powder"),
    ("shrimp", "prawn"),
    ("eggplant", "aubergine"),
    ("zucchini", "courgette"),
    ("arugula", "rocket"),
    ("cilantro", "coriander"),
    ("garbage bag", "trash bag", "bin bag", "bin liner"),
    ("flashlight", "torch"),
    ("jelly", "jam"),
    ("oatmeal", "porridge"),
    ("ground beef", "minced beef", "mince"),
    ("popsicle", "ice lolly"),
    ("pacifier", "dummy"),
    ("stroller", "pram", "pushchair"),
    ("painkiller", "pain reliever", "analgesic"),
    ("band aid", "plaster", "adhesive bandage"),
    ("fridge", "refrigerator"),
    ("yogurt", "yoghurt"),
    ("flavor", "flavour"),
    ("color", "colour"),
    ("catsup", "ketchup"),
    ("liquor", "spirits"),
    ("lightbulb", "light bulb", "bulb"),
)

Phrase = tuple[str, ...]


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _key(phrase: Sequence[str]) -> Phrase:
    return tuple(_singular(word) for word in phrase)


_PHRASES = [tuple(tuple(phrase.split()) for phrase in group) for group in GROUPS]
_ALTERNATIVES: dict[Phrase, tuple[Phrase, ...]] = {_key(phrase): group for group in _PHRASES for phrase in group}
_LONGEST = max(map(len, _ALTERNATIVES))


def alternatives(words: Sequence[str]) -> Iterator[Sequence[Phrase]]:
    """For each part of a term, the phrases that may stand for it, as typed first; parts are as long as can be."""
    at, keys = 0, _key(words)
    while at < len(words):
        for length in range(min(_LONGEST, len(words) - at), 0, -1):
            key = keys[at : at + length]
            group = _ALTERNATIVES.get(key, ())
            if group or length == 1:
                yield [tuple(words[at : at + length]), *(phrase for phrase in group if _key(phrase) != key)]
                at += length
                break
