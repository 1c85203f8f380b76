"""Commands that the documents show: blocks of shell, and commands within sentences."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
ASSIGNMENT = r"(?:[A-Z][A-Z_]*=(?:'[^']*'|\S*) )*"
PROGRAM = r"(?:\.venv/bin/)?(?:counterfoil|make|docker|python3?|pip|apt-get|curl|export|git|cp|tar|openssl|systemctl)"
COMMAND = re.compile(rf"{ASSIGNMENT}{PROGRAM} \S")
CALL = re.compile(r"(?:^|[\s(])(?:\.venv/bin/)?counterfoil ([a-z-][^|>;)\n]*)")


@dataclass(frozen=True, slots=True)
class Shown:
    """A block or a span, and the page it is on."""

    page: str
    text: str

    @property
    def first(self) -> str:
        """What names it: its first line, without the comment."""
        return _plain(self.text.splitlines()[0])


def blocks(language: str) -> list[Shown]:
    """The blocks in this language; those without one have the language ''."""
    return [
        Shown(str(page.relative_to(ROOT)), text)
        for page in PAGES
        for found, text in BLOCK.findall(page.read_text())
        if found == language
    ]


def spans() -> list[Shown]:
    """The commands within sentences, each once, in the order of the documents."""
    found = dict[str, Shown]()
    for page in PAGES:
        for span in SPAN.findall(BLOCK.sub("", page.read_text())):
            if COMMAND.match(span):
                found.setdefault(span, Shown(str(page.relative_to(ROOT)), span))
    return list(found.values())


def calls() -> Iterator[tuple[Shown, list[str]]]:
    """The words after `counterfoil`, wherever it is called."""
    for shown in (*blocks("sh"), *spans()):
        for line in shown.text.splitlines():
            for words in CALL.findall(_plain(line)):
                yield shown, shlex.split(words, comments=True)


def _plain(line: str) -> str:
    return re.split(r"\s+# ", line, maxsplit=1)[0].strip()
