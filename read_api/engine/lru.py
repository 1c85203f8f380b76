"""What was made for earlier questions and is kept for later ones, within bounds."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """The values used last: at most `most` of them, of documents that together have at most `characters`.

    What was made for a document longer than `longest` is not kept at all, so that one question cannot push out all
    others.
    """

    def __init__(self, *, most: int = 256, characters: int = 1_000_000, longest: int = 20_000) -> None:
        self.most = most
        self.characters = characters
        self.longest = longest
        self.size = 0
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: K, make: Callable[[], V], size: int) -> V:
        """The value kept under the key, or a new one for a document of this size."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found[0]
        value = make()
        if size <= self.longest:
            self._kept[key] = value, size
            self.size += size
            while len(self._kept) > self.most or self.size > self.characters:
                _, (_, freed) = self._kept.popitem(last=False)
                self.size -= freed
        return value
