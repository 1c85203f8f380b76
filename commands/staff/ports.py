"""What staff and API keys need beside the log."""

from datetime import datetime
from typing import Protocol


class KeyDigests(Protocol):
    """The digests of API keys, which are secrets and no facts."""

    async def add(self, key_id: str, secret: str, at: datetime) -> bool:
        """Store the digest of a secret; False when the key has one already. Raises StoreUnavailable."""
