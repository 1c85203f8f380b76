"""All persistent subscriptions of a leader, and their config in the log."""

import json
from typing import Any
from uuid import uuid4

from grpc import StatusCode

from .group import Group
from .group_settings import BadSettings, Settings, Source, filter_from
from .log import Log
from .record import METADATA, Proposed, metastream_of
from .refusals import RpcRefusal, header

CONFIG = "$persistentSubscriptionConfig"


def _trailers(kind: str, stream: str, group: str, **more: str) -> dict[str, str]:
    return {"exception": kind, "stream-name": header(stream), "group-name": header(group), **more}


def does_not_exist(stream: str, group: str) -> RpcRefusal:
    details = f"Subscription group {group} on stream {stream} does not exist."
    return RpcRefusal(StatusCode.NOT_FOUND, details, _trailers("persistent-subscription-does-not-exist", stream, group))


def exists(stream: str, group: str) -> RpcRefusal:
    details = f"Subscription group {group} on stream {stream} exists."
    return RpcRefusal(StatusCode.ALREADY_EXISTS, details, _trailers("persistent-subscription-exists", stream, group))


def failed(stream: str, group: str, reason: str) -> RpcRefusal:
    details = f"Subscription group {group} on stream {stream} failed: '{reason}'"
    trailers = _trailers("persistent-subscription-failed", stream, group, reason=header(reason))
    return RpcRefusal(StatusCode.INTERNAL, details, trailers)


def full(stream: str, group: str) -> RpcRefusal:
    details = f"Maximum subscriptions reached for subscription group {group} on stream {stream}."
    return RpcRefusal(StatusCode.FAILED_PRECONDITION, details, _trailers("maximum-subscribers-reached", stream, group))


def dropped(stream: str, group: str) -> RpcRefusal:
    details = f"Subscription group {group} on stream {stream} was dropped."
    return RpcRefusal(StatusCode.CANCELLED, details, _trailers("persistent-subscription-dropped", stream, group))


class Groups:
    """By stream and name. A leader reads them from the log when it is first asked."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._entries: list[dict[str, Any]] = []
        self._groups: dict[tuple[str, str], Group] = {}
        self._streams: set[str] = set()
        self._started = False

    def start(self) -> None:
        if self._started:
            return
        self._started = True
        last = self._log.read_event(CONFIG, self._log.last_revision(CONFIG))
        self._entries = json.loads(last.data)["entries"] if last else []
        for entry in self._entries:
            source = Source(self._log, entry["stream"], filter_from(entry["filter"]))
            self._put(Group(entry["group"], source, Settings.from_config(entry)))

    def stop(self) -> None:
        for (stream, name), group in self._groups.items():
            group.stop(dropped(stream, name))
        self._groups, self._started = {}, False

    def restart(self) -> None:
        self.stop()
        self.start()

    def find(self, stream: str, name: str) -> Group:
        if (stream, name) not in self._groups:
            raise does_not_exist(stream, name)
        return self._groups[stream, name]

    def of_stream(self, stream: str) -> list[Group]:
        """A stream that once had a group has an empty list, one that never had is not found."""
        if stream not in self._streams:
            raise does_not_exist(stream, "")
        return [group for (of, _), group in self._groups.items() if of == stream]

    def all(self) -> list[Group]:
        return list(self._groups.values())

    def create(self, stream: str, name: str, settings: Settings, filtered: dict[str, Any] | None) -> None:
        self._check(stream, name, settings)
        if (stream, name) in self._groups:
            raise exists(stream, name)
        try:
            self._put(Group(name, Source(self._log, stream, filter_from(filtered)), settings))
        except BadSettings as bad:
            raise failed(stream, name, str(bad)) from None
        self._entries.append(settings.config(stream, name, filtered))
        self._save()

    def update(self, stream: str, name: str, settings: Settings) -> None:
        old = self.find(stream, name)
        self._check(stream, name, settings)
        old.stop(dropped(stream, name))
        self._put(Group(name, old.source, settings))
        (entry,) = self._entries_of(stream, name)
        self._entries[self._entries.index(entry)] = settings.config(stream, name, entry["filter"])
        self._save()

    def delete(self, stream: str, name: str) -> None:
        group = self.find(stream, name)
        group.stop(dropped(stream, name))
        del self._groups[stream, name]
        for entry in self._entries_of(stream, name):
            self._entries.remove(entry)
        group.streams.delete()
        self._save()

    def _check(self, stream: str, name: str, settings: Settings) -> None:
        try:
            if not stream:
                raise BadSettings("Bad stream name.")
            settings.check(self._log, stream)
        except BadSettings as bad:
            raise failed(stream, name, str(bad)) from None

    def _put(self, group: Group) -> None:
        self._groups[group.source.stream, group.name] = group
        self._streams.add(group.source.stream)

    def _entries_of(self, stream: str, name: str) -> list[dict[str, Any]]:
        return [entry for entry in self._entries if (entry["stream"], entry["group"]) == (stream, name)]

    def _save(self) -> None:
        if self._log.last_revision(CONFIG) < 0:
            data = json.dumps({"$maxCount": 2}).encode()
            self._log.write(metastream_of(CONFIG), [Proposed(id=uuid4(), type=METADATA, data=data)])
        data = json.dumps({"version": "2", "entries": self._entries}).encode()
        self._log.write(CONFIG, [Proposed(id=uuid4(), type="$PersistentConfig", data=data)])
