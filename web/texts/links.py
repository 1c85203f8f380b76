"""Addresses of pages that name things: `/p/{title}-{id}`, `/c/{id}`."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")
LONGEST_SLUG = 60
LOGIN, STAFF_HOME, STAFF_LOGIN = "/account/login", "/desk", "/desk/login"
STAFF_AGAIN = f"{STAFF_LOGIN}/again"
OWN = re.compile(r"/(?![/\\])[!-\[\]-~]{0,2000}")
"""A path of this shop. Browsers take what begins with two slashes, or with a slash and a backslash, as another site."""


def slug(title: str) -> str:
    """A title as part of an address: letters and digits of ASCII."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return NOT_IN_SLUGS.sub("-", plain)[:LONGEST_SLUG].strip("-")


def product_link(product: Mapping[str, Any]) -> str:
    """The one address of a product, from its title and productId."""
    product_id, words = str(product["productId"]), slug(product["title"])
    readable = words and (UUID.fullmatch(product_id) or "-" not in product_id)
    return f"/p/{words if readable else ''}-{quote(product_id, safe='')}"


def product_id_in(last: str) -> str:
    """The id in the last part of an address. One that is no UUID and has hyphens stands behind a hyphen alone."""
    if last.startswith("-"):
        return last[1:]
    if found := UUID.search(last):
        return found[0]
    return last.rpartition("-")[2]


def own_path(wanted: str, otherwise: str) -> str:
    """Where a link says to go on, if that is a page of ours."""
    return wanted if OWN.fullmatch(wanted) else otherwise


def desk_path(wanted: str) -> str:
    """A page of the back office to go on to, and not the login again; otherwise its first page."""
    is_desk = re.match(r"/desk([/?]|$)", wanted) is not None and not wanted.startswith(STAFF_LOGIN)
    return own_path(wanted, STAFF_HOME) if is_desk and "//" not in wanted and "\\" not in wanted else STAFF_HOME


def login_link(back: str) -> str:
    """Where to sign in, and to come back to a page afterwards."""
    is_worth_it = back != "/" and not back.startswith("/account")
    return f"{LOGIN}?to={quote(back)}" if is_worth_it else LOGIN


def category_link(category: Mapping[str, Any]) -> str:
    return f"/c/{quote(str(category['categoryId']), safe='')}"
