"""Every page of the storefront in the pseudo-language: nothing on it is left in English.

Formats are those of Greek, so that no name of a month or a country has a letter of English either. What the APIs say of
goods, people and places is nobody's to translate; it is taken off before the page is looked at.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from bs4 import Comment, Doctype

from tests.support.fixtures.pages import ADDRESS, Browser, Page, browsing, data
from tests.web.storefront.pseudo_visits import VISITS, errors
from tests.web.storefront.test_checkout import ADDRESS as TYPED
from web.http.rendering import Pages
from web.ports import Reply, Shop
from web.texts.languages import PSEUDO
from web.texts.markets import Market, only_market

GREEK = Market(PSEUDO, "GR", "EUR", locale="el_GR", prefix="/el-gr")
SHOWN = ("aria-label", "placeholder", "title", "alt", "content", "data-away", "data-busy", "data-failed", "value")
OF_DATA = {
    *("title", "name", "brand", "description", "reason", "street", "city", "region", "sku", "value", "carrier", "what"),
    *("tracking", "lastSeen", "email", "phone", "device", "wording", "number", "didYouMean"),
}
"""Fields whose values are data."""

KEY = re.compile(r"key-\d+")
ALSO_DATA = (
    *("Counterfoil", "Anna", "Mug", "MUG.1", "MUG.2", "Colour", "Red", "Order week", "Old customer", "7KQ4M-2XHTD"),
    *("USD", "US", "anna@shop.example", "x@shop.example", "none", "Phone"),
)
"""What is typed, and what an API said before it said something else."""

LETTERS = re.compile("[A-Za-z]{2}")
TRANSLATED = re.compile("⟦[^⟦⟧]*⟧")


@asynccontextmanager
async def abroad() -> AsyncIterator[Browser]:
    """A browser of a shop that has the pseudo-language too."""
    markets = (only_market("en_US", "USD"), GREEK)
    async with browsing(Shop(address=ADDRESS, test_gateway=True, markets=markets)) as one:
        departments = [{"categoryId": f"c-{it}", "name": f"Department {it}"} for it in range(12)]
        one.read.answers("Departments", data(categories=departments, search=None))
        yield one


def page_texts(page: Page) -> list[str]:
    """Texts and attributes of a page, without what is translated."""
    html = page.html
    for it in html.select(".markets, script, style, meta[name=viewport], meta[name=robots], meta[name=color-scheme]"):
        it.decompose()
    for it in html.select("meta[name=htmx-config], [type=hidden], [type=radio], [type=checkbox], option, link"):
        del it["value"], it["content"]
    texts = [str(it) for it in html.find_all(string=True) if not isinstance(it, Comment | Doctype)]
    texts += [str(tag[it]) for tag in html.find_all(True) for it in SHOWN if tag.has_attr(it)]
    return [TRANSLATED.sub("", it) for it in texts]


def _without(text: str, known: list[str]) -> str:
    for it in known:
        text = text.replace(it, "")
    return KEY.sub("", text)


def said(value: Any, key: str = "") -> Iterator[str]:
    """What an API says that is data."""
    if isinstance(value, Mapping):
        for name, it in value.items():
            yield from said(it, name)
    elif isinstance(value, list | tuple):
        for it in value:
            yield from said(it, key)
    elif isinstance(value, str) and key in OF_DATA:
        yield value


def all_said(browser: Browser) -> list[str]:
    replies = [it for api in (browser.read, browser.write) for queue in api._answers.values() for it in queue]
    told = [it for reply in replies if isinstance(reply, Reply) for it in said(reply.document)]
    return sorted(filter(None, [*told, *TYPED.values(), *ALSO_DATA]), key=len, reverse=True)


NO_PAGES = {"storefront/shop.html", "storefront/account/own.html", "storefront/account/entry.html"}
"""Layouts."""


async def test_no_page_has_a_text_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered, render = set[str](), Pages.render

    def noting(pages: Pages, market: Market, template: str, context: Mapping[str, Any]) -> str:
        rendered.add(template)
        return render(pages, market, template, context)

    monkeypatch.setattr(Pages, "render", noting)
    monkeypatch.setattr("web.http.errors.log", Mock())  # a traceback in colours takes its time
    left: dict[str, list[str]] = {}
    for visits in VISITS:
        async with abroad() as browser:
            pages, known = await visits(browser), all_said(browser)
        for page in pages:
            assert visits is errors or page.status != 500, page.response.request.url
            texts = [_without(it, known) for it in page_texts(page)]
            if english := [it for it in texts if LETTERS.search(it)]:
                left[f"{page.response.request.method} {page.response.request.url.path}"] = english
    assert left == {}
    folder = Path(str(files("web"))) / "templates"
    names = {it.relative_to(folder).as_posix() for it in (folder / "storefront").rglob("*.html")}
    assert names - NO_PAGES - rendered == set()
