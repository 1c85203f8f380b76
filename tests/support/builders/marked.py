"""Places in the documents that a command writes: from `<!-- name -->` to `<!-- /name -->`."""

import re
from pathlib import Path


def put(page: Path, name: str, text: str) -> None:
    """Replace what is between the marks. Raises ValueError for a page that has them not, or not once."""
    place = re.compile(f"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)
    written, found = place.subn(lambda _: f"{text.strip()}\n", page.read_text())
    if found != 1:
        raise ValueError(f"{page} has {found} places called {name}; there must be one.")
    page.write_text(written)
