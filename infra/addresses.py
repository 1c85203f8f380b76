"""Addresses in settings: of which kind they are, and which hosts they name. What is shown of one has no password."""

from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

HIGHEST_PORT = 65535


class Host(NamedTuple):
    """Where a server listens; without a port it is the usual one of its kind."""

    name: str
    port: int | None


def checked(url: str, kinds: Collection[str], example: str) -> str:
    """The same, if it is of one of these kinds. Raises ValueError, which says how to write it."""
    kind, separator, _ = url.partition("://")
    if not separator or kind not in kinds:
        raise ValueError(f"write it like {example}")
    hosts(url)
    return url


def hosts(url: str) -> list[Host]:
    """The hosts that it names, none for a file or a Unix socket. Raises ValueError."""
    places = urlsplit(url).netloc.rpartition("@")[2]
    return [_host(place) for place in places.split(",") if place]


def shown(url: str) -> str:
    """Host, port and database, for people; a Unix socket by its folder."""
    parts = urlsplit(url)
    places = parts.netloc.rpartition("@")[2] or ",".join(parse_qs(parts.query).get("host", ["localhost"]))
    return places if places.startswith("/") else f"{places}{unquote(parts.path)}"


def _host(place: str) -> Host:
    name, colon, port = place.rpartition(":")
    if not colon or port.endswith("]"):
        return Host(place.strip("[]"), None)
    if not port.isdecimal() or not 0 < int(port) <= HIGHEST_PORT:
        raise ValueError(f"{port!r} is no port; they are 1 to {HIGHEST_PORT}")
    return Host(name.strip("[]"), int(port))
