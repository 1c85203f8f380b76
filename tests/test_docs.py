"""What the documents promise is there."""

import re
from pathlib import Path

from infra.serialization.message_registry import EVENTS

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
ANCHOR = re.compile(r"\]\(([^)#\s:]*)#([^)]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
TABLE_ROW = re.compile(r"^\|.*$", re.MULTILINE)
MOST_WORDS = 1_500
WAITING = re.compile(r"^[A-Z]{3,}$|^<!-- (?P<name>\w+) -->\n<!-- /(?P=name) -->$", re.MULTILINE)
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
]


def test_every_event_is_in_the_vocabulary() -> None:
    written = set(re.findall(r"`([a-z_]+\.[a-z_]+\.v\d+)`", (ROOT / "docs" / "domain.md").read_text()))
    assert {name for name in EVENTS if not name.startswith("test.")} == written


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in LINK.findall(page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_no_page_still_waits_for_its_text() -> None:
    waiting = [f"{page.relative_to(ROOT)}: {line}" for page in PAGES for line in WAITING.findall(page.read_text())]
    assert waiting == []


def test_every_link_to_a_heading_leads_to_one() -> None:
    headings = {page.resolve(): _anchors(page.read_text()) for page in PAGES}
    broken = [
        f"{page.relative_to(ROOT)}: {target}#{anchor}"
        for page in PAGES
        for target, anchor in ANCHOR.findall(page.read_text())
        if anchor not in headings.get((page.parent / target).resolve() if target else page.resolve(), ())
    ]
    assert broken == []


def _anchors(text: str) -> set[str]:
    """The names that a page's headings have in links."""
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading) for heading in HEADING.findall(BLOCK.sub("", text)))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}


def test_a_page_has_fewer_words_than_a_reader_takes_in_at_once() -> None:
    """Rows of tables, which are looked up and not read, do not count."""
    words = {str(page.relative_to(ROOT)): len(TABLE_ROW.sub("", page.read_text()).split()) for page in PAGES}
    assert {page: count for page, count in words.items() if count >= MOST_WORDS} == {}


def test_every_page_is_listed_in_the_readme() -> None:
    listed = set(LINK.findall((ROOT / "README.md").read_text()))
    assert {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")} <= listed
