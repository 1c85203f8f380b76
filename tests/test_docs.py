"""What the documents promise is there."""

import re
from pathlib import Path

from infra.vocabulary import EVENTS

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
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
