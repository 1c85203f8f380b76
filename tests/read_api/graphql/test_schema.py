"""The schema that clients build on."""

from read_api.graphql.schema import COMMITTED, schema


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    """After a change: python -m read_api.graphql.schema."""
    assert COMMITTED.read_text() == schema.as_str() + "\n"
