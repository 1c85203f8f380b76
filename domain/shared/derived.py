"""Ids that follow from other ids."""

from hashlib import sha1
from uuid import UUID

_new, _set = object.__new__, object.__setattr__
_UNKNOWN = UUID(int=0).is_safe
_VARIANT_AND_VERSION = 0xF000C000000000000000
_NAME_BASED = 0x50008000000000000000


def derived_id(parent: UUID, name: str) -> UUID:
    """The name-based id (RFC 9562, version 5) of a name under a parent: equal to `uuid.uuid5`, in a third of its time.

    A purchase derives some fifty ids. Most of what the standard library does for one is to look which of six ways to
    write an id was used.
    """
    digest = sha1(parent.bytes + name.encode(), usedforsecurity=False).digest()
    derived = _new(UUID)
    _set(derived, "int", int.from_bytes(digest[:16], "big") & ~_VARIANT_AND_VERSION | _NAME_BASED)
    _set(derived, "is_safe", _UNKNOWN)
    return derived
