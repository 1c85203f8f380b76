"""The browser without eyes, for all tests of pages."""

import pytest

import web.api.write
from tests.support.fixtures.pages import browser

__all__ = ["browser"]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands whose outcome is unknown are sent again at once."""
    monkeypatch.setattr(web.api.write, "PAUSES", (0.0, 0.0, 0.0))
