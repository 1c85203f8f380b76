"""What the maker of a persistent subscription decides, and the config event that keeps it."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from .filters import Filter, filter_of, visible
from .log import Log
from .record import Record

ALL = "$all"
STRATEGIES = ("DispatchToSingle", "RoundRobin", "Pinned", "PinnedByCorrelation")


class BadSettings(Exception):
    """A persistent subscription cannot be made like this."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`start` is a revision of a stream, or a position in $all; -1 is what comes. Times are milliseconds."""

    resolve_links: bool
    start: int
    extra_statistics: bool
    message_timeout: int
    max_retry_count: int
    checkpoint_after: int
    min_checkpoint_count: int
    max_checkpoint_count: int
    max_subscriber_count: int
    live_buffer_size: int
    read_batch_size: int
    history_buffer_size: int
    strategy: str

    @classmethod
    def of(cls, said: Any, start: int) -> Self:
        """From the settings of a request to create or to update."""
        strategy = getattr(said, "consumer_strategy", "")
        return cls(
            resolve_links=said.resolve_links,
            start=start,
            extra_statistics=said.extra_statistics,
            message_timeout=_milliseconds(said, "message_timeout"),
            max_retry_count=said.max_retry_count,
            checkpoint_after=_milliseconds(said, "checkpoint_after"),
            min_checkpoint_count=said.min_checkpoint_count,
            max_checkpoint_count=said.max_checkpoint_count,
            max_subscriber_count=said.max_subscriber_count,
            live_buffer_size=said.live_buffer_size,
            read_batch_size=said.read_batch_size,
            history_buffer_size=said.history_buffer_size,
            strategy=strategy or STRATEGIES[said.named_consumer_strategy],
        )

    def check(self, log: Log, stream: str) -> None:
        if self.strategy not in STRATEGIES:
            raise BadSettings(f"Consumer strategy {self.strategy} does not exist.")
        if stream == ALL and self.start > (log.positions[-1] if log.positions else 0):
            raise BadSettings(
                "Invalid Start From position: commit position must be less than or equal to"
                " the last commit position in the transaction file."
            )
        if self.read_batch_size >= self.history_buffer_size:
            raise BadSettings(
                "Specified argument was out of the range of valid values."
                " (Parameter 'ReadBatchSize may not be greater than or equal to BufferSize')"
            )

    def config(self, stream: str, group: str, filtered: dict[str, Any] | None) -> dict[str, Any]:
        return {"stream": stream, "group": group, "filter": filtered, **asdict(self)}

    @classmethod
    def from_config(cls, entry: dict[str, Any]) -> Self:
        return cls(**{name: value for name, value in entry.items() if name not in ("stream", "group", "filter")})


def _milliseconds(said: Any, name: str) -> int:
    which = said.WhichOneof(name)
    value = int(getattr(said, which)) if which else 0
    return value // 10_000 if which and which.endswith("ticks") else value


@dataclass(frozen=True, slots=True)
class Source:
    """Where the events of a group come from: one stream by revision, or everything by position."""

    log: Log
    stream: str
    allowed: Filter = visible

    @property
    def of_all(self) -> bool:
        return self.stream == ALL

    def start(self, at: int) -> int:
        """The index to read from, given a revision or position."""
        if at == -1:
            return len(self.records)
        if not self.of_all:
            return at
        index = self.log.index_of(at)
        if index is None:
            raise BadSettings(f"No record starts at position {at}.")
        return index

    @property
    def records(self) -> list[Record]:
        return self.log.records if self.of_all else self.log.streams.get(self.stream, [])

    def readable_from(self, index: int) -> int:
        return index if self.of_all else max(index, self.log.lowest_readable(self.stream))

    @property
    def gone(self) -> bool:
        return not self.of_all and (
            self.stream in self.log.tombstones or self.log.metadata_of(self.stream).soft_deleted
        )

    def fits(self, record: Record) -> bool:
        return not self.of_all or self.allowed(record)

    def place(self, record: Record) -> int:
        return record.position if self.of_all else record.revision

    def said(self, place: int | None) -> str:
        """A place as the server tells of it."""
        if place is None:
            return ""
        return f"C:{place}/P:{place}" if self.of_all else str(place)

    def place_of(self, said: str) -> int:
        return int(said.split("/")[0].removeprefix("C:"))


def filter_config(options: Any) -> dict[str, Any] | None:
    """The filter of a request as plain data."""
    which = options.WhichOneof("filter")
    if which is None:
        return None
    expression = getattr(options, which)
    return {"of": which, "regex": expression.regex, "prefix": list(expression.prefix)}


def filter_from(config: dict[str, Any] | None) -> Filter:
    return filter_of(_Options(config)) if config else visible


class _Options:
    """Stands in for the message that `filter_of` reads."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._which = config["of"]
        self.event_type = self.stream_identifier = self
        self.regex, self.prefix = config["regex"], config["prefix"]

    def WhichOneof(self, _: str) -> str:  # noqa: N802
        return str(self._which)
