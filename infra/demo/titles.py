"""Names that a shopper can read, out of a till's capitals and abbreviations."""

import re
from functools import cache

SPELLED_OUT = {
    "accss": "accessories",
    "bakd": "baked",
    "beeralemalt": "beer, ale and malt",
    "bg": "bags",
    "bkd": "baked",
    "bn": "beans",
    "brd": "bread",
    "brkfst": "breakfast",
    "btl": "bottle",
    "btr": "butter",
    "carb": "carbonated",
    "chix": "chicken",
    "choc": "chocolate",
    "chococlate": "chocolate",
    "chocol": "chocolate",
    "ckys": "cookies",
    "cktls": "cocktails",
    "cleang": "cleaning",
    "cndy": "candy",
    "cntrl": "central",
    "coco": "cocoa",
    "conc": "concentrate",
    "crkr": "crackers",
    "crmd": "creamed",
    "crystl": "crystal",
    "dan": "Danish",
    "deod": "deodorant",
    "disposible": "disposable",
    "dnr": "dinner",
    "dnrs": "dinners",
    "dps": "dips",
    "drnk": "drink",
    "drnks": "drinks",
    "drp": "drops",
    "drsng": "dressing",
    "dsh": "dishes",
    "elect": "electrical",
    "fd": "food",
    "fem": "feminine",
    "flnk": "flank",
    "flvrd": "flavoured",
    "fre": "fresh",
    "frz": "frozen",
    "frzn": "frozen",
    "gd": "good",
    "gds": "goods",
    "gm": "general merchandise",
    "hbc": "health and beauty",
    "hygn": "hygiene",
    "incl": "including",
    "jce": "juice",
    "lozng": "lozenges",
    "lt": "light",
    "memorablilia": "memorabilia",
    "mfg": "manufacturer",
    "misc": "miscellaneous",
    "mixs": "mixes",
    "mlt": "multi",
    "mustar": "mustard",
    "mw": "microwave",
    "mx": "mix",
    "mxs": "mixes",
    "ndairy": "non-dairy",
    "pckgd": "packaged",
    "pk": "pack",
    "pkg": "packaged",
    "pkgd": "packaged",
    "pkld": "pickled",
    "plt": "plate",
    "pnt": "peanut",
    "poinsetta": "poinsettia",
    "ppk": "prepacked",
    "prem": "premium",
    "prep": "prepared",
    "preportnd": "preportioned",
    "prod": "produce",
    "prpck": "prepacked",
    "prslc": "presliced",
    "pwdr": "powder",
    "refigerated": "refrigerated",
    "refrgratd": "refrigerated",
    "refrig": "refrigerated",
    "rtd": "ready-to-drink",
    "rts": "ready-to-serve",
    "sal": "salad",
    "sald": "salad",
    "saus": "sausage",
    "sft": "soft",
    "sgl": "single",
    "sherbts": "sherbets",
    "shlfsh": "shellfish",
    "shnk": "shank",
    "sm": "small",
    "sndwch": "sandwich",
    "sngl": "single",
    "snks": "snacks",
    "sod": "soda",
    "specilaty": "speciality",
    "splies": "supplies",
    "sply": "supplies",
    "sprd": "spread",
    "srv": "serve",
    "stk": "stick",
    "sup": "supplies",
    "supp": "supplements",
    "supplemen": "supplements",
    "suppplies": "supplies",
    "sw": "sweet",
    "sweetners": "sweeteners",
    "swin": "swim",
    "syrp": "syrup",
    "thn": "than",
    "tiss": "tissues",
    "trsh": "trash",
    "veg": "vegetables",
    "whlsm": "wholesome",
    "wht": "white",
    "whs": "warehouse",
    "wt": "white",
    "wtr": "water",
    "xpctrnt": "expectorants",
    "yng": "young",
}
WHOLE = {
    "CHARITABLE CONT": "Charitable contributions",
    "CNTRL/STORE SUP": "Central store supplies",
    "DRUG GM": "Drugs and general merchandise",
    "GM MERCH EXP": "General merchandise",
    "MEAT-PCKGD": "Packaged meat",
    "PROD-WHS SALES": "Produce warehouse sales",
    "SEAFOOD-PCKGD": "Packaged seafood",
}
CAPITALS = {"bbq", "dvd", "nz", "qsr", "spf", "tv", "usa", "vhs"}

_WORD = re.compile(r"[A-Za-z]+")
_PART = re.compile(r"\s+-\s*|\s*-\s+|:\s*|,\s*")
_CUT_OFF = re.compile(r"\s*\([^)]*$")


@cache
def readable(words: str) -> str:
    """'FRZN MEAT/MEAT DINNERS' is 'Frozen meat/meat dinners'; a bracket that the till cut off goes."""
    if words in WHOLE:
        return WHOLE[words]
    parts = [
        " ".join(part.split()) for part in _PART.split(_CUT_OFF.sub("", words.replace("&", " & "))) if part.strip()
    ]
    spelled = _WORD.sub(_spell_out, ", ".join(parts)).replace(" & ", " and ").strip()
    return spelled[:1].upper() + spelled[1:]


def title(category: str, kind: str | None, size: str | None) -> str:
    """The parts of a name, general to special, none said twice: 'Frozen ice, crushed/cubed, 22 lb'."""
    named = [readable(part) for part in (category, kind) if part]
    if len(named) == 2 and _words(named[0]) <= _words(named[1]):
        named = named[1:]
    first, *rest = ", ".join(named).split(", ")
    parts = [first]
    for part in rest:
        if not _words(part) <= set[str]().union(*map(_words, parts)):
            parts.append(part[:1].lower() + part[1:])
    if size:
        parts.append(" ".join(size.split()).lower())
    return ", ".join(parts)


def _spell_out(match: re.Match[str]) -> str:
    word = match.group().lower()
    return word.upper() if word in CAPITALS else SPELLED_OUT.get(word, word)


def _words(text: str) -> set[str]:
    return {word.rstrip("s") for word in _WORD.findall(text.lower())}
