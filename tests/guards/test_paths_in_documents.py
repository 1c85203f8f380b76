"""What the documents call by its path, or by its dotted name, is there."""

import re
from glob import glob
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = "domain|commands|process_managers|projections|published|read_api|write_api|http_edge|infra|tests"
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(rf"(?:{PACKAGES}|docs|web)(?:/[\w.*{{}},-]+)+/?")
FILE = re.compile(r"[\w/]+\.(?:py|sql|graphql)")
MODULE = re.compile(rf"(?:python -m )?(?P<name>(?:{PACKAGES})(?:\.\w+)+)")
ALTERNATIVES = re.compile(r"\{([^{}]*)\}")
NOT_IN_THE_TREE = {"commands.py", "events.py", "decider.py", "sitecustomize.py"}
"""File names that every aggregate's folder has, or that stand for a file of the reader's own."""


def missing(text: str) -> list[str]:
    """What a text names in backticks that is not in the tree. A path may hold `*` and `{a,b}`."""
    return [words for words in CODE.findall(text) if not _is_there(words)]


def _is_there(words: str) -> bool:
    if PATH.fullmatch(words):
        return all(glob(str(ROOT / path)) for path in _written_out(words))
    if FILE.fullmatch(words):
        return words in NOT_IN_THE_TREE or any(ROOT.glob(f"*/**/{words}"))
    if module := MODULE.fullmatch(words):
        package, *rest = module["name"].split(".")
        found = [Path(package, *rest[:count]) for count in range(1, len(rest) + 1)]
        return any((ROOT / path).is_dir() or (ROOT / path).with_suffix(".py").is_file() for path in found)
    return True


def _written_out(path: str) -> list[str]:
    """`a/{b,c}.py` is `a/b.py` and `a/c.py`."""
    choices = [part.split(",") for part in ALTERNATIVES.findall(path)]
    return [ALTERNATIVES.sub("{}", path).format(*chosen) for chosen in product(*choices)]


def test_every_path_in_the_documents_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert {str(page.relative_to(ROOT)): lost for page in pages if (lost := missing(page.read_text()))} == {}


def test_a_path_that_leads_nowhere_is_found() -> None:
    here = "`domain/stock/decider.py` `domain/*/events.py` `infra/clock/{steady,identity}.py` `infra.settings.Settings`"
    gone = ["domain/stok/decider.py", "infra/clock/{steady,sundial}.py", "runners.py", "infra.settinks.Settings"]
    assert missing(here) == []
    assert missing("".join(f"`{path}`" for path in gone)) == gone
