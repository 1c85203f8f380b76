"""What is wrong with a request, field by field, and how to put it right."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from write_api.http.fields import BASE64, CODE, COUNTRY, CURRENCY, ID, LANGUAGE, LINK, PRINTABLE

SENTENCES: Mapping[str, tuple[str, str]] = {
    "missing": ("It is missing.", "Add it."),
    "extra_forbidden": ("There is no such field.", "Remove it."),
    "int_type": ("It is no whole number.", "Send a whole number."),
    "int_from_float": ("It is no whole number.", "Send a whole number."),
    "int_parsing": ("It is no whole number.", "Send a whole number."),
    "int_parsing_size": ("The number is too large.", "Send a smaller number."),
    "bool_type": ("It is neither true nor false.", "Send true or false."),
    "string_type": ("It is no text.", "Send text."),
    "string_unicode": ("It is no valid text.", "Send text that can be written in UTF-8, without lone surrogates."),
    "string_too_short": ("The text is too short.", "Send at least {min_length} characters."),
    "string_too_long": ("The text is too long.", "Send at most {max_length} characters."),
    "greater_than_equal": ("The number is too small.", "Send {ge} or more."),
    "less_than_equal": ("The number is too large.", "Send {le} or less."),
    "too_short": ("There are too few.", "Send at least {min_length}."),
    "too_long": ("There are too many.", "Send at most {max_length}."),
    "list_type": ("It is no array.", "Send an array."),
    "tuple_type": ("It is no array.", "Send an array."),
    "dict_type": ("It is no object.", "Send an object."),
    "model_type": ("It is no object.", "Send an object."),
    "model_attributes_type": ("It is no object.", "Send an object."),
    "uuid_parsing": ("It is no UUID.", "Send a UUID."),
    "uuid_type": ("It is no UUID.", "Send a UUID."),
    "literal_error": ("It is none of the values that there are.", "Send one of {expected}."),
    "email": ("It is no e-mail address.", "Send an address such as anna@shop.example."),
    "value_error": ("The time is out of bounds.", "Send a time between the years 1 and 9999 in UTC."),
    "one_of_two": ("It is not clear what was chosen.", "Send either a password or a passkey."),
    "enum": ("It is none of the values that there are.", "Send one of {expected}."),
    "zone": ("There is no such time zone.", "Send the name of one (IANA), such as Europe/Zurich."),
    "local_time": ("It is no local time.", "Send a time without offset, such as 2036-12-01T00:00:00."),
    "address_in_the_clear": (
        "There is an e-mail address in it, and it is kept for ever.",
        "Name the person by the subject of their token, the letter or the ticket by its number.",
    ),
}
"""What is wrong and what to do, by the kind of the fault."""

PATTERNS: Mapping[str, tuple[str, str]] = {
    CODE: (
        "It is no code.",
        "Send 1 to 64 letters, digits, dots, hyphens and underscores, the first a letter or a digit.",
    ),
    BASE64: ("It is no base64url.", "Send letters, digits, hyphens and underscores, as browsers encode bytes."),
    ID: ("It is no id.", "Send the id as an answer gave it."),
    PRINTABLE: ("There are control characters in it.", "Take them out; tabs and line ends may stay."),
    LINK: (
        "It is no address that a browser can load.",
        "Send one that begins with https:// or http://, without blanks, quotes and angle brackets.",
    ),
    CURRENCY: ("It is no currency code.", "Send three capital letters (ISO 4217), such as EUR."),
    LANGUAGE: ("It is no language tag.", "Send one such as de or de-CH (BCP 47)."),
    COUNTRY: ("It is no country code.", "Send two capital letters (ISO 3166-1 alpha-2), such as CH."),
}
"""The same for texts that do not have the form that they must have."""

TIME = ("It is no time with a zone.", "Send a time with its zone (RFC 3339), such as 2026-11-25T12:00:00Z.")
OTHERWISE = ("It is not what is expected here.", "See /openapi.json for what is.")


class Fault(BaseModel):
    """A field that is at fault, why, and what to do about it."""

    field: str = Field(description="Where it is: names and places (from 0), joined by dots.")
    reason: str
    fix: str | None = None


def faults_of(details: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """The faults that pydantic found, in words for people; what was sent is not repeated, for it may be personal."""
    return [_fault(detail["loc"], *_sentences(detail["type"], detail.get("ctx", {}))) for detail in details]


def _fault(place: Sequence[str | int], reason: str, fix: str) -> Fault:
    return Fault(field=".".join(str(part) for part in place[1:]) or str(place[0]), reason=reason, fix=fix)


def _sentences(kind: str, context: Mapping[str, Any]) -> tuple[str, str]:
    if kind.startswith(("datetime", "timezone")):
        return TIME
    if kind == "string_pattern_mismatch":
        return PATTERNS.get(context["pattern"], OTHERWISE)
    reason, fix = SENTENCES.get(kind, OTHERWISE)
    return reason, fix.format(**context)
