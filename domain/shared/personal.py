"""Personal data that the domain carries without reading it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A value encrypted with its subject's own key; without the key it is noise, and the log stays as it was."""

    subject: str
    ciphertext: str
