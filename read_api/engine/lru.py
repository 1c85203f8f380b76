"""Values made for earlier requests and kept for later ones, within bounds."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from cachetools import LRUCache

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """The values used last: at most `most` of them, of documents that together have at most `characters`.

    What was made for a document longer than `longest` is not kept at all, so that one request cannot push out all
    others.
    """

    def __init__(self, *, most: int = 256, characters: int = 1_000_000, longest: int = 20_000) -> None:
        self.most = most
        self.longest = longest
        self._kept = LRUCache[K, tuple[V, int]](characters, getsizeof=lambda kept: kept[1])

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size(self) -> float:
        """How many characters the documents have together."""
        return self._kept.currsize

    def get(self, key: K, make: Callable[[], V], size: int) -> V:
        """The value kept under the key, or a new one for a document of this size."""
        found = self._kept.get(key)
        if found is not None:
            return found[0]
        value = make()
        if size <= self.longest:
            self._kept[key] = value, size
            while len(self._kept) > self.most:
                self._kept.popitem()
        return value
