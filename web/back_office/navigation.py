"""What the left edge of the back office lists: sections of pages. A page's module adds itself here when it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the back office; it is shown to those who have one of the permissions (empty: to all staff)."""

    text: str
    path: str
    permissions: frozenset[str] = frozenset()


NAVIGATION: Mapping[str, Sequence[Entry]] = {
    "Prove": (
        Entry("Figures", "/desk/figures", frozenset({"analytics"})),
        Entry("History", "/desk/history", frozenset({"audit"})),
        Entry("Cockpit", "/desk/cockpit", frozenset({"operations"})),
    ),
}
"""By the name of the section."""


def shown_to(permissions: frozenset[str]) -> Mapping[str, Sequence[Entry]]:
    """The sections and their pages for somebody with these permissions."""
    allowed = {
        section: [entry for entry in entries if not entry.permissions or entry.permissions & permissions]
        for section, entries in NAVIGATION.items()
    }
    return {section: entries for section, entries in allowed.items() if entries}
