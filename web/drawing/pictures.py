"""Product pictures: drawn from what a product is, as the shop has no photographs.

The address names everything that is in the picture, so caches never ask again. The shape follows from the words of
title and category, the colours from the place in the category tree, the label from the brand, the last line from the
size.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

LONGEST_LABEL = 18
SIZE = re.compile(
    r"\b(\d[\d./]*(?:-\d[\d./]*)? ?(?:fl oz|oz|lbs?|ct|ml|l|g|kg|gal|pk|qt|pt|in|ft|sq ft))\b", re.IGNORECASE
)

PALETTES: Sequence[tuple[str, str, str]] = (
    ("#e3dde6", "#76558a", "#2c2333"),
    ("#dfe6dc", "#4d7358", "#23302a"),
    ("#eedfdb", "#b4553f", "#37211c"),
    ("#e8decb", "#b3713a", "#3a2713"),
    ("#d9e4e8", "#44708a", "#1c2d36"),
    ("#ece4c9", "#9a8430", "#332c10"),
    ("#ead9e0", "#a24a6c", "#371a26"),
    ("#dce0ec", "#525f96", "#1f2440"),
)
"""Ground, body, ink."""

SHAPES: Mapping[str, Sequence[str]] = {
    "fruit": (
        "apple",
        "produce",
        "fruit",
        "orange",
        "citrus",
        "grape",
        "berries",
        "melon",
        "tomatoes",
        "potato",
        "onion",
        "vegetable",
        "banana",
        "pear",
        "peach",
    ),
    "bottle": (
        "bottle",
        "soft drink",
        "water",
        "juice",
        "soda",
        "shampoo",
        "oil",
        "vinegar",
        "syrup",
        "lotion",
        "beer",
        "wine",
        "dressing",
        "sauce",
        "detergent",
        "cleaner",
        "rinse",
        "conditioner",
        "drink",
        "liquor",
    ),
    "carton": ("milk", "cream", "carton", "egg nog", "broth", "creamer"),
    "can": ("can", "canned", "soup", "tuna", "beans", "tomato", "vegetables shelf", "cat food", "spray", "deodorant"),
    "jar": ("jar", "jam", "jelly", "peanut butter", "honey", "pickle", "salsa", "spread", "vitamin", "candle", "spice"),
    "bag": (
        "bag",
        "coffee",
        "chips",
        "snack",
        "rice",
        "flour",
        "sugar",
        "dog food",
        "litter",
        "frozen",
        "bread",
        "candy",
        "nuts",
        "pretzel",
        "salad",
        "charcoal",
    ),
    "tray": (
        "beef",
        "pork",
        "chicken",
        "turkey",
        "meat",
        "seafood",
        "fish",
        "sausage",
        "bacon",
        "lunchmeat",
        "deli",
        "cheese",
    ),
    "cup": ("yogurt", "ice cream", "pudding", "cup", "dip", "margarine", "butter", "mug"),
    "tube": ("toothpaste", "toothbrush", "ointment", "cosmetic", "makeup", "hair", "tube"),
    "card": ("card", "magazine", "book", "newspaper", "greeting", "gift"),
    "flower": ("flower", "floral", "plant", "rose", "bouquet", "garden"),
    "box": (),
}
"""The first shape with a word of the product's; a box otherwise."""

_PATTERNS = [
    (shape, re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})(?:s|es)?\b"))
    for shape, words in SHAPES.items()
    if words
]
UNLABELLED = {"fruit", "flower"}
NARROW = {"tube"}


def picture_of(product: Mapping[str, Any]) -> str:
    """The address of a product's picture, from its title, brand and category."""
    path = [it["name"] for it in ((product.get("category") or {}).get("path") or [])]
    place = " ".join(path[:2])
    words = f"{product['title']} {' '.join(path[1:])}".lower()
    shape = next((it for it, known in _PATTERNS if known.search(words)), "box")
    palette = blake2b(place.encode(), digest_size=1).digest()[0] % len(PALETTES)
    size = SIZE.search(product["title"])
    brand = (product["brand"] or product["title"]).split(" ")[0][:LONGEST_LABEL]
    about = {"label": brand, "size": size[1].lower() if size else ""}
    return f"/art/{shape}-{palette}.svg?{urlencode({name: it for name, it in about.items() if it})}"


def draw(shape: str, palette: int, label: str, size: str) -> str:
    """The picture. Raises LookupError for a shape or palette that there is not."""
    ground, body, ink = PALETTES[palette]
    if shape not in SHAPES:
        raise LookupError(shape)
    drawn = _body(shape).format(ground=ground, body=body, ink=ink)
    text = (
        ""
        if shape in UNLABELLED or not (label or size)
        else _label(label, size, ground, ink, 60 if shape in NARROW else 96)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 400" preserveAspectRatio="xMidYMid slice">'
        f'<rect width="320" height="400" fill="{ground}"/>'
        f'<ellipse cx="160" cy="342" rx="92" ry="11" fill="{ink}" opacity=".13"/>{drawn}{text}</svg>'
    )


@cache
def _body(shape: str) -> str:
    """The drawing in shapes/, on a ground of 320 x 400; its colours are to be filled in."""
    return (files("web") / "drawing" / "shapes" / f"{shape}.svg").read_text()


def _label(label: str, size: str, ground: str, ink: str, width: int) -> str:
    shown, small = ("".join(filter(str.isprintable, it))[:LONGEST_LABEL] for it in (label, size))
    fitted = min(15.0, 1.3 * width / max(len(shown), 1))
    font = 'text-anchor="middle" font-family="Inter,system-ui,sans-serif"'
    return (
        f'<rect x="{160 - width // 2}" y="212" width="{width}" height="72" fill="{ground}"/>'
        f'<text x="160" y="{246 if small else 252}" {font} font-weight="650" font-size="{fitted:.1f}" fill="{ink}">'
        f"{escape(shown)}</text>"
        f'<text x="160" y="266" {font} font-size="10" fill="{ink}" opacity=".7">{escape(small)}</text>'
    )
