"""QR codes as SVG, for phones to read from the screen."""

import segno
from markupsafe import Markup


def qr_code(text: str, title: str) -> Markup:
    """Dark on light in both themes, which scanners need; as large as the page lets it be."""
    return Markup(segno.make(text).svg_inline(omitsize=True, dark="#000", light="#fff", title=title))
