"""A browser in which a shopper has signed in."""

import pytest

from tests.support.fixtures.pages import Browser


@pytest.fixture
async def anna(browser: Browser) -> Browser:
    await browser.begin(subject="shopper-1", token="access-1", refresh="refresh-1", name="Anna Berg")
    return browser
