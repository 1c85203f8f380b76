"""The document that other teams build on."""

from infra.kafka.asyncapi import COMMITTED, as_text


def test_the_committed_document_is_the_one_that_is_true() -> None:
    """After a change: python -m infra.kafka.asyncapi."""
    assert COMMITTED.read_text() == as_text()
