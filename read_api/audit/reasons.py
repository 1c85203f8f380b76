"""Why a stored event happened."""

from collections.abc import Mapping


def reason_of(data: Mapping[str, object], metadata: Mapping[str, object]) -> str | None:
    """Why it happened, as the command was given, or else as the event says itself. Sealed texts are left out."""
    found = (reason for reason in (metadata.get("reason"), data.get("reason")) if isinstance(reason, str) and reason)
    return next(found, None)
