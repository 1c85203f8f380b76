"""Personal data that the domain carries without reading it."""

import re
from dataclasses import dataclass

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]{1,64}@[^\s@<>()\[\],;:\"]{1,200}\.[^\s@<>()\[\],;:.\"]{2,}")


def has_address(text: str) -> bool:
    """Whether there is what looks like an e-mail address in a text that is stored as it is."""
    return _EMAIL.search(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A value encrypted with its subject's own key; without the key it is noise, and the log stays as it was."""

    subject: str
    ciphertext: str
