"""Leaves of the schema beside those of GraphQL itself, each with the specification of how it is written."""

from datetime import UTC, date, datetime
from typing import Any, NewType

import strawberry
from strawberry.schema.types.base_scalars import DateDefinition, UUIDDefinition

from domain.shared.recorded import START, Position
from read_api.graphql.errors import BadUserInput

LAST = 2**63 - 1


def position_of(value: Any) -> Position:
    """A position as the APIs print it. Raises BadUserInput."""
    try:
        position = int(value)
    except (TypeError, ValueError):
        position = -1
    if not START <= position <= LAST:
        raise BadUserInput(f"{value!r} is not a position. Take it from an answer of the write API.")
    return Position(position)


POSITION = strawberry.scalar(
    name="Position",
    description="A place in the one order of all events. Opaque, ordered, printed as text: a whole number in digits.",
    specified_by_url="https://www.rfc-editor.org/rfc/rfc8259#section-7",
    serialize=str,
    parse_value=position_of,
)


def time_of(value: Any) -> datetime:
    """A time that everybody reads alike. Raises BadUserInput."""
    try:
        time = datetime.fromisoformat(value)
        if time.tzinfo is not None:
            return time.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    shown = str(value)[:100]
    raise BadUserInput(
        f"{shown!r} is not a time. Write date, time and offset, such as 2026-11-25T12:00:00Z (RFC 3339)."
    )


TIME = strawberry.scalar(
    name="DateTime",
    description="Date, time and offset, printed as text, such as 2026-11-25T12:00:00+00:00 (RFC 3339).",
    specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
    serialize=datetime.isoformat,
    parse_value=time_of,
)


Whole = NewType("Whole", int)
WHOLE = strawberry.scalar(
    name="Whole",
    description="A whole number, printed as a number of JSON. It may have more than the 32 bits of Int.",
    specified_by_url="https://www.rfc-editor.org/rfc/rfc8259#section-6",
    serialize=int,
    parse_value=int,
)

DAY = strawberry.scalar(
    name="Date",
    description="A day in UTC, printed as text, such as 2026-11-25 (RFC 3339).",
    specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
    serialize=date.isoformat,
    parse_value=DateDefinition.parse_value,
)
IDENTIFIER = strawberry.scalar(
    name="UUID",
    description="A UUID, printed as text in lower case with hyphens (RFC 9562).",
    specified_by_url="https://www.rfc-editor.org/rfc/rfc9562#section-4",
    serialize=str,
    parse_value=UUIDDefinition.parse_value,
)
