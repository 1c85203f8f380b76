"""Names of streams, as they are asked for."""

from read_api.graphql.errors import BadUserInput, NotThere

LONGEST_NAME = 200


def checked_stream(stream: str) -> str:
    """Raises BadUserInput."""
    if not 0 < len(stream) <= LONGEST_NAME:
        raise BadUserInput(f"A stream has a name of 1 to {LONGEST_NAME} characters, such as `order-<id>`.")
    return stream


def no_stream(stream: str) -> NotThere:
    return NotThere(f"There is no stream {stream!r}. Look for it in the timeline of an order, or in the log.")
