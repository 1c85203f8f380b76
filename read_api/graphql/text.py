"""Text as it comes from outside: what neither PostgreSQL nor UTF-8 can hold is refused where it is first seen."""

from typing import Any

from read_api.graphql.errors import BadUserInput

LONGEST_ID = 200


def check_text(value: Any) -> None:
    """No text holds a NUL or half of a surrogate pair, which PostgreSQL and UTF-8 do not know. Raises BadUserInput."""
    match value:
        case str():
            if "\0" in value or (not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value)):
                raise BadUserInput("A text holds a character that is none (NUL or half of a surrogate pair).")
        case dict():
            for item in value.values():
                check_text(item)
        case list() | tuple():
            for item in value:
                check_text(item)


def checked_id(text: str) -> str:
    """An id that can be looked up beside those of others. Raises BadUserInput.

    Ids are decoded after the arguments have been looked at, so what they hold is looked at here.
    """
    if len(text) > LONGEST_ID or not text.isprintable():
        raise BadUserInput(f"{text[:100]!r} is no id: ids have at most {LONGEST_ID} printable characters.")
    return text
