"""What the documents promise is there."""

import re
from pathlib import Path

from infra.serialization.message_registry import EVENTS

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
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
