"""Parameters of requests, refused in Stripe's words."""

from collections.abc import Sequence

from infra.dev_servers.stripe.forms import Json
from infra.dev_servers.stripe.refusals import invalid

MOST_METADATA, LONGEST_NAME, LONGEST_VALUE = 50, 40, 500


def known(form: Json, allowed: Sequence[str]) -> None:
    """Raises Refused for a parameter that is none of these."""
    for name in form:
        if name not in allowed:
            raise invalid(f"Received unknown parameter: {name}", name, "parameter_unknown")


def required(form: Json, name: str) -> str:
    if not (value := text(form, name)):
        raise invalid(f"Missing required param: {name}.", name, "parameter_missing")
    return value


def text(form: Json, name: str) -> str | None:
    value = form.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(f"Invalid string: {value}", name)
    return value or None


def integer(form: Json, name: str, least: int = 1) -> int | None:
    if (value := text(form, name)) is None:
        return None
    if not value.lstrip("-").isdigit():
        raise invalid(f"Invalid integer: {value}", name, "parameter_invalid_integer")
    if (number := int(value)) < least:
        raise invalid(f"This value must be greater than or equal to {least}.", name, "parameter_invalid_integer")
    return number


def flag(form: Json, name: str) -> bool:
    value = text(form, name) or "false"
    if value not in {"true", "false"}:
        raise invalid(f"Invalid boolean: {value}", name)
    return value == "true"


def one_of(form: Json, name: str, allowed: Sequence[str]) -> str | None:
    value = text(form, name)
    if value is not None and value not in allowed:
        raise invalid(f"Invalid {name}: must be one of {', '.join(allowed)}", name)
    return value


def metadata(form: Json) -> dict[str, str]:
    given = form.get("metadata") or {}
    if not isinstance(given, dict):
        raise invalid("Invalid object", "metadata")
    if len(given) > MOST_METADATA:
        raise invalid(f"Metadata may have at most {MOST_METADATA} keys", "metadata")
    for name, value in given.items():
        if not isinstance(value, str) or len(name) > LONGEST_NAME or len(value) > LONGEST_VALUE:
            raise invalid("Metadata keys have up to 40 characters, and values up to 500", f"metadata[{name}]")
    return {name: value for name, value in given.items() if value}
