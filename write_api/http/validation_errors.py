"""What is wrong with a request, field by field, and how to put it right."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

FIXES: Mapping[str, str] = {
    "missing": "Add it.",
    "extra_forbidden": "Remove it.",
    "int_type": "Send a whole number.",
    "int_from_float": "Send a whole number.",
    "int_parsing": "Send a whole number.",
    "string_type": "Send text.",
    "string_unicode": "Send text that can be written in UTF-8, without lone surrogates.",
    "string_too_short": "Send at least {min_length} characters.",
    "string_too_long": "Send at most {max_length} characters.",
    "string_pattern_mismatch": "Send text that matches {pattern}.",
    "greater_than_equal": "Send {ge} or more.",
    "less_than_equal": "Send {le} or less.",
    "too_short": "Send at least {min_length}.",
    "too_long": "Send at most {max_length}.",
    "list_type": "Send an array.",
    "tuple_type": "Send an array.",
    "dict_type": "Send an object.",
    "model_type": "Send an object.",
    "model_attributes_type": "Send an object.",
    "uuid_parsing": "Send a UUID.",
    "address_in_the_clear": "Name the person by the subject of their token, the letter or the ticket by its number.",
}
TIME = "Send a time with its zone (RFC 3339), such as 2026-11-25T12:00:00Z."
UNFIXED = "See /openapi.json for what is expected."


class Fault(BaseModel):
    """A field that is at fault, why, and what to do about it."""

    field: str = Field(description="Where it is: names and places (from 0), joined by dots.")
    reason: str
    fix: str | None = None


def faults_of(details: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """The faults that pydantic found; what was sent is not repeated, for it may be personal."""
    return [
        Fault(
            field=".".join(str(part) for part in detail["loc"][1:]) or str(detail["loc"][0]),
            reason=detail["msg"],
            fix=_fix(detail["type"], detail.get("ctx", {})),
        )
        for detail in details
    ]


def _fix(kind: str, context: Mapping[str, Any]) -> str:
    if kind.startswith(("datetime", "timezone")):
        return TIME
    return FIXES.get(kind, UNFIXED).format(**context)
