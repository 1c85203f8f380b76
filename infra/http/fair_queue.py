"""A fair queue: callers take turns, and each is served in the order in which its requests came."""

from collections import OrderedDict, defaultdict, deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class FairQueue(Generic[T]):
    """Who waits. Of one caller it is a plain queue: first come, first served."""

    _of: "OrderedDict[str, deque[T]]" = field(default_factory=OrderedDict)
    _by_length: defaultdict[int, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    _longest: int = 0
    _size: int = 0

    def __len__(self) -> int:
        return self._size

    def append(self, caller: str, it: T) -> None:
        """Wait behind all others of the same caller."""
        queue = self._of.setdefault(caller, deque())
        queue.append(it)
        self._moved(caller, len(queue) - 1, len(queue))

    def pop(self) -> T:
        """Whose turn it is; the next turn is another caller's."""
        caller, queue = next(iter(self._of.items()))
        it = queue.popleft()
        self._of.move_to_end(caller)
        self._moved(caller, len(queue) + 1, len(queue))
        return it

    def remove(self, caller: str, it: T) -> None:
        """Wait no longer. Raises ValueError."""
        queue = self._of.get(caller, deque())
        queue.remove(it)
        self._moved(caller, len(queue) + 1, len(queue))

    def owes(self, caller: str) -> bool:
        """Whether another caller has so many more that this one's next may take the place of one of those."""
        return self._longest > len(self._of.get(caller, ())) + 1

    def give_way(self) -> T:
        """The last one of the caller that has most; it waits no longer."""
        caller = next(iter(self._by_length[self._longest]))
        queue = self._of[caller]
        it = queue.pop()
        self._moved(caller, len(queue) + 1, len(queue))
        return it

    def _moved(self, caller: str, before: int, now: int) -> None:
        self._size += now - before
        self._by_length[before].pop(caller, None)
        if now:
            self._by_length[now][caller] = None
        else:
            del self._of[caller]
        if not self._by_length[before]:
            del self._by_length[before]
        if now > self._longest or self._longest not in self._by_length:
            self._longest = now
