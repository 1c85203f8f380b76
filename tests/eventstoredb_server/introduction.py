"""What a new server writes for itself, before anybody else writes anything."""

import json
from typing import Any
from uuid import uuid4

from .access import Access
from .log import Log
from .record import METADATA, Proposed, metastream_of

OPERATED = {"$r": ["$admins", "$ops"], "$w": "$admins", "$d": "$admins", "$mr": "$admins", "$mw": "$admins"}


def introduce(log: Log, access: Access) -> None:
    """A log that has no more than its first epoch gets the metadata of the system's streams, and its users."""
    if len(log.records) > 1:
        return
    _write(log, metastream_of("$stats-127.0.0.1:2113"), METADATA, {"$maxAge": 864_000})
    _write(log, metastream_of("$scavenges"), METADATA, {"$maxAge": 2_592_000, "$acl": OPERATED})
    for name, (_, *groups) in access.users.items() if access.secure else ():
        said = {"loginName": name, "fullName": name, "groups": groups, "disabled": False}
        _write(log, f"$user-{name}", "$UserCreated", said)
        log.write("$users", [Proposed(id=uuid4(), type="$User", data=name.encode(), is_json=False)])


def _write(log: Log, stream: str, type: str, said: dict[str, Any]) -> None:
    log.write(stream, [Proposed(id=uuid4(), type=type, data=json.dumps(said).encode())])
