"""What the list of signed-in devices calls a browser."""

import re
from collections.abc import Sequence

BROWSERS: Sequence[tuple[str, str]] = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS: Sequence[tuple[str, str]] = (
    (r"iPhone|iPod", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X|Macintosh", "macOS"),
    ("Linux|X11", "Linux"),
)
"""The first that is found counts: browsers also claim to be those that they descend from."""

UNKNOWN = "A browser"


def device_of(user_agent: str) -> str:
    """Such as `Firefox on Linux`."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), UNKNOWN)
    system = next((name for marks, name in SYSTEMS if re.search(marks, user_agent)), None)
    return browser if system is None else f"{browser} on {system}"
