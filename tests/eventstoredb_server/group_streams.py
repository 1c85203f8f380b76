"""The streams in which a persistent subscription keeps its checkpoint and what it parked."""

import json
import time
from typing import Any
from uuid import uuid4

from .log import Log
from .record import LINK, METADATA, Proposed, Record, metastream_of

ADMINS_ONLY = dict.fromkeys(("$r", "$w", "$d", "$mr", "$mw"), "$admins")


class GroupStreams:
    """Named after the stream and the group."""

    def __init__(self, log: Log, stream: str, group: str) -> None:
        self._log = log
        self.checkpoint = f"$persistentsubscription-{stream}::{group}-checkpoint"
        self.parked = f"$persistentsubscription-{stream}::{group}-parked"

    def last_checkpoint(self) -> str | None:
        last = self._log.last_revision(self.checkpoint)
        record = self._log.read_event(self.checkpoint, last)
        return str(json.loads(record.data)) if record else None

    def write_checkpoint(self, place: str) -> None:
        if self._log.last_revision(self.checkpoint) < 0 or self._log.metadata_of(self.checkpoint).soft_deleted:
            self._configure(self.checkpoint, {"$maxCount": 2, "$acl": ADMINS_ONLY | {"$mr": "$all"}})
        data = json.dumps(place).encode()
        self._log.write(self.checkpoint, [Proposed(id=uuid4(), type="SubscriptionCheckpoint", data=data)])

    def park(self, record: Record, reason: str) -> None:
        if self._log.metadata_of(self.parked).soft_deleted:
            self._configure(self.parked, {"$tb": self._log.last_revision(self.parked) + 1, "$acl": ADMINS_ONLY})
        said = {
            "added": time.strftime("%Y-%m-%dT%H:%M:%S"),
            "reason": reason,
            "subscriptionEventNumber": record.revision,
        }
        link = Proposed(
            id=uuid4(),
            type=LINK,
            data=record.data if record.type == LINK else f"{record.revision}@{record.stream}".encode(),
            metadata=json.dumps(said).encode(),
            is_json=False,
        )
        self._log.write(self.parked, [link])

    def parked_records(self, stop_at: int | None) -> list[Record]:
        written = self._log.streams.get(self.parked, [])
        if self._log.metadata_of(self.parked).soft_deleted:
            return []
        return written[self._log.lowest_readable(self.parked) : stop_at]

    def forget_parked(self, before: int) -> None:
        self._configure(self.parked, {"$tb": before, "$acl": ADMINS_ONLY})

    def delete(self) -> None:
        for stream in (self.checkpoint, self.parked):
            if self._log.last_revision(stream) >= 0 or self._log.last_revision(metastream_of(stream)) >= 0:
                self._configure(stream, {"$tb": 2**63 - 1})

    def _configure(self, stream: str, metadata: dict[str, Any]) -> None:
        data = json.dumps(metadata).encode()
        self._log.write(metastream_of(stream), [Proposed(id=uuid4(), type=METADATA, data=data)])
