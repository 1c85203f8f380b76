"""What tests of processes share."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs


@pytest.fixture
def unseen() -> Iterator[None]:
    """Faults are told with all that led to them. To show hundreds would take longer than to make them."""
    with capture_logs():
        yield
