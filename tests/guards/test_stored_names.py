"""A stored name is for ever: a class may be renamed or moved, the name in the log may not."""

from tests.guards.names import names, pinned


def test_every_name_that_was_ever_stored_can_be_read() -> None:
    """One is missing? The log holds it: keep its class, or write an upcaster."""
    assert pinned() - names() == set()


def test_every_stored_name_is_pinned() -> None:
    """A new one? `python -m tests.guards.names` adds it; commit the file with the class."""
    assert names() - pinned() == set()
