"""A browser in which an administrator works."""

import pytest

from tests.support.fixtures.pages import Browser, data
from tests.web.back_office.administration import ADA, BEN, KEY, ROLES, keys_page, staff_page
from tests.web.back_office.answers import me, works


@pytest.fixture
async def admin(browser: Browser) -> Browser:
    await works(browser)
    browser.read.answers("DeskStaff", staff_page(ADA, BEN))
    browser.read.answers("DeskRoles", data(me=me("admin"), roles=ROLES))
    browser.read.answers("DeskApiKeys", keys_page(KEY))
    return browser
