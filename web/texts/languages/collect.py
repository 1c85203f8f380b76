"""Lists the texts of the shop's pages: `python -m web.texts.languages.collect` writes `messages.pot`.

`{% trans %}` and `_()` in templates, `noted()` in Python. The back office is in English only.
"""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po

from web.texts.languages import TEMPLATE

WEB = Path(str(files("web")))
ENGLISH_ONLY = {"back_office"}
JINJA = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
KINDS: Sequence[tuple[Path, str, str, dict[str, Any], dict[str, str]]] = (
    (WEB / "templates", "*.html", "jinja2.ext:babel_extract", {"_": None, "gettext": None, "ngettext": (1, 2)}, JINJA),
    (WEB, "*.py", "python", {"noted": None}, {}),
)


def collected() -> Catalog:
    """All texts, with the files that they are in."""
    catalogue = Catalog(fuzzy=False)
    for name, message in sorted(_found(), key=lambda it: it[0]):
        catalogue.add(message, locations=[(name, None)])  # type: ignore[list-item]  # a line would change all the time
    return catalogue


def written() -> bytes:
    """The list as a file."""
    file = BytesIO()
    write_po(file, collected(), omit_header=True, width=120)
    return b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n' + file.getvalue()


def _found() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    for folder, pattern, method, keywords, options in KINDS:
        for path in sorted(folder.rglob(pattern)):
            if not ENGLISH_ONLY & set(path.relative_to(WEB).parts):
                with path.open("rb") as file:
                    for _, message, _, _ in extract(method, file, keywords, options=options):
                        yield path.relative_to(WEB).as_posix(), message


if __name__ == "__main__":
    (WEB / "texts" / "languages" / TEMPLATE).write_bytes(written())
