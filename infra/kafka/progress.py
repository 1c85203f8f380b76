"""How far a session has come, and what of it may be written down."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiokafka import TopicPartition

from commands.ports import Seen
from domain.shared.recorded import Position
from infra.kafka.checkpoint import Checkpoint
from infra.kafka.cloudevents import Outgoing
from infra.kafka.recovery import Recovery


@dataclass(slots=True)
class Progress:
    """Of what stood behind the checkpoint when the session began, each message is passed over when its turn comes.

    `head` is where the log ended when all other publishers were fenced off: no later event was published before.
    """

    begin: Recovery
    head: Position
    passed: Checkpoint = field(init=False)
    """Everything up to here was published."""
    written: int = field(init=False)
    _ends: dict[TopicPartition, int] = field(init=False)
    _behind: dict[TopicPartition, int] = field(init=False)
    """Messages about later events than `passed` are behind these offsets."""
    _unmet: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.passed, self.written = self.begin.checkpoint, self.begin.checkpoint.position
        self._ends, self._behind = dict(self.begin.ends), dict(self.begin.starts)
        self._unmet = set(self.begin.translated)

    def stands(self, one: Outgoing) -> bool:
        """Whether consumers can read it already."""
        name = next((name for name in one.names if name in self.begin.translated), None)
        if name is not None:
            self._unmet.discard(name)
        return name is not None

    def after(self, seen: Seen) -> Checkpoint:
        """The checkpoint when a whole page is published."""
        return self.passed.passed(seen)

    def to_write(self, after: Checkpoint, *, with_messages: bool) -> Checkpoint:
        """What goes out with the messages of a page: it is not sure of them yet."""
        return after.up_to(self.passed.position if with_messages else after.position, self._behind)

    def translated(self, after: Checkpoint, ends: Mapping[TopicPartition, int]) -> None:
        """Everything up to there is shown, in partitions that end there."""
        self._ends.update(ends)
        self.passed = after
        if not self._unmet or after.position >= self.head:
            self._behind.update(self._ends)
