"""A digest of where every stream ends: noted elsewhere, it shows later whether the log up to there is still the same.

It is the SHA-256, in hexadecimal, over one line for each stream, in the order of the bytes of their names:

    stream NUL revision (decimal) NUL hash of the last record LF

Each hash covers all records of its stream before it, so the digest covers every record up to its position.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple, Self

from domain.shared.recorded import Position

_NOTED = re.compile(r"([0-9a-f]{64})@([0-9]{1,19})")


class HeadDigest(NamedTuple):
    """A digest, and the position up to which it covers the log."""

    digest: str
    position: Position

    def __str__(self) -> str:
        return f"{self.digest}@{self.position}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """What `str` makes. Raises ValueError."""
        if (found := _NOTED.fullmatch(text)) is None:
            raise ValueError(
                "A digest of stream heads is 64 hexadecimal digits, @ and a position, as `check` prints it."
            )
        return cls(found[1], Position(int(found[2])))


def digest_of(heads: Iterable[tuple[str, int, str]]) -> str:
    """Of the name, last revision and last hash of each stream."""
    lines = sorted((stream.encode(), revision, own) for stream, revision, own in heads)
    digest = sha256()
    for stream, revision, own in lines:
        digest.update(b"%b\0%d\0%b\n" % (stream, revision, own.encode()))
    return digest.hexdigest()
