"""A browser in which a shopper has signed in."""

import pytest

from tests.support.fixtures.pages import Browser
from web.ports import Reply


@pytest.fixture
async def anna(browser: Browser) -> Browser:
    await browser.begin(subject="shopper-1", token="access-1", refresh="refresh-1", name="Anna Berg")
    methods = {"password": True, "authenticator_app": False, "passkeys": []}
    browser.write.answers("GET /auth/login-methods", Reply(200, methods))
    return browser
