"""What others were told over Kafka, against what the log means to them (docs/events.md)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import uuid5

import msgspec

from domain.shared.recorded import Recorded
from infra.audit.verdict import Check
from infra.kafka.topics import DEAD_LETTERS
from published.message import Kind, kind_of
from published.translation import ALONE, WHOLE

Place = tuple[str, str]
"""Topic and key: what is kept in order."""


class Heard(NamedTuple):
    """A message as a reader of committed messages got it."""

    topic: str
    attributes: Mapping[str, str]
    key: str
    value: bytes
    partition: int

    @property
    def id(self) -> str:
        return self.attributes["ce_id"]


class Promised(NamedTuple):
    """A message that has to be there, once."""

    place: Place
    id: str
    kind: Kind
    message: Any
    attributes: Mapping[str, str]


@dataclass(slots=True)
class Retelling:
    """Claims about what others were told of a log."""

    log: Sequence[Recorded[Any]]
    promised: Sequence[Promised] = field(init=False)
    once: Check = field(default_factory=lambda: Check("others are told each published fact exactly once"))
    known: Check = field(default_factory=lambda: Check("others are told nothing that the log does not have"))
    ordered: Check = field(default_factory=lambda: Check("others are told the facts of a key in their order"))
    true: Check = field(default_factory=lambda: Check("others are told what the log says"))
    letters: Check = field(default_factory=lambda: Check("there is no fact that others cannot be told"))

    def __post_init__(self) -> None:
        self.promised = list(_promised(self.log))

    def all_told(self, heard: Iterable[Heard]) -> bool:
        """Whether nothing is missing any more."""
        return {message.id for message in heard if message.topic != DEAD_LETTERS} >= {it.id for it in self.promised}

    def checks(self, heard: Sequence[Heard]) -> Sequence[Check]:
        """Judge what was heard, which is in the order of each partition."""
        told = [message for message in heard if message.topic != DEAD_LETTERS]
        self.letters.looked_at = len(heard)
        for letter in heard:
            if letter.topic == DEAD_LETTERS:
                self.letters.fail(letter.value.decode())
        self._judge_number(told)
        self._judge_order(told)
        self._judge_meaning(told)
        return [self.once, self.known, self.ordered, self.true, self.letters]

    def _judge_number(self, told: Sequence[Heard]) -> None:
        times = Counter(message.id for message in told)
        for it in self.promised:
            self.once.looked_at += 1
            if times[it.id] != 1:
                self.once.fail(f"{it.kind.name} {it.attributes['ce_sequence']} {it.place}: told {times[it.id]} times")
        known = {it.id for it in self.promised}
        for message in told:
            self.known.looked_at += 1
            if message.id not in known:
                self.known.fail(f"the log knows nothing of {message.topic} {message.key}: {message.attributes}")

    def _judge_order(self, told: Sequence[Heard]) -> None:
        """By key; a message that was told twice is judged elsewhere."""
        places = defaultdict[Place, list[Heard]](list)
        for message in told:
            places[message.topic, message.key].append(message)
        for place, messages in places.items():
            self.ordered.looked_at += 1
            sequences = [message.attributes["ce_sequence"] for message in messages]
            if sequences != sorted(sequences):
                self.ordered.fail(f"{place}: {sequences}")
            if len({message.partition for message in messages}) > 1:
                self.ordered.fail(f"{place} is in several partitions")

    def _judge_meaning(self, told: Sequence[Heard]) -> None:
        promised = {it.id: it for it in self.promised}
        for message in told:
            if (it := promised.get(message.id)) is not None:
                self.true.looked_at += 1
                said = msgspec.json.decode(message.value, type=it.kind.shape)
                place = message.topic, message.key
                if (said, place, message.attributes) != (it.message, it.place, it.attributes):
                    self.true.fail(f"{place} {message.attributes} says {said}, and the log {it}")


def _promised(log: Iterable[Recorded[Any]]) -> Iterable[Promised]:
    """Every aggregate folded from its first event, without any of the publisher's memory."""
    states = dict[str, Any]()
    for recorded in log:
        if (message := _meant(recorded, states)) is not None:
            kind = kind_of(message)
            key, id = getattr(message, kind.key), str(uuid5(recorded.event_id, kind.name))
            yield Promised((kind.topic, key), id, kind, message, _attributes(recorded, kind, key, id))


def _attributes(recorded: Recorded[Any], kind: Kind, key: str, id: str) -> Mapping[str, str]:
    told = {
        "ce_specversion": "1.0",
        "ce_id": id,
        "ce_source": "/counterfoil",
        "ce_type": f"counterfoil.{kind.name}",
        "ce_subject": key,
        "ce_time": recorded.recorded_at.isoformat(),
        "ce_partitionkey": key,
        "ce_sequence": f"{recorded.position:020}",
        "ce_correlationid": str(recorded.metadata.correlation_id),
        "ce_traceparent": recorded.metadata.traceparent,
        "content-type": "application/json",
    }
    return {name: value for name, value in told.items() if value is not None}


def _meant(recorded: Recorded[Any], states: dict[str, Any]) -> Any:
    fact = recorded.fact
    if (whole := WHOLE.get(type(fact))) is None:
        return alone(fact) if (alone := ALONE.get(type(fact))) is not None else None
    before = states.get(recorded.stream, whole.decider.initial)
    states[recorded.stream] = after = whole.decider.evolve(before, fact)
    return whole.translate(fact, after)
