"""Who is calling, and what streams say they may do."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field

from .log import Log
from .record import is_metastream
from .refusals import access_denied, unauthenticated

ADMINS, OPERATORS, EVERYBODY = "$admins", "$ops", "$all"


@dataclass(frozen=True, slots=True)
class User:
    """Nobody in particular has no name."""

    name: str = ""
    roles: frozenset[str] = frozenset()


SYSTEM = User("admin", frozenset({ADMINS}))

DEFAULT_USERS = {"admin": ("changeit", ADMINS), "ops": ("changeit", OPERATORS)}
"""Name -> password and group, as on a new server."""


@dataclass(slots=True)
class Access:
    """An insecure server lets everybody do everything."""

    secure: bool = False
    users: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(DEFAULT_USERS))

    def user_of(self, metadata: Mapping[str, str]) -> User:
        if not self.secure:
            return SYSTEM
        if "authorization" not in metadata:
            return User()
        name, password = _basic(metadata["authorization"])
        known, *roles = self.users.get(name, ("",))
        if name not in self.users or known != password:
            raise unauthenticated()
        return User(name, frozenset(roles))

    def check_stream(self, user: User, action: str, stream: str, log: Log) -> None:
        """Only those whom the stream's $acl names, or else the defaults: user streams everybody, system ones admins."""
        if not self.secure:
            return
        if not user.name or (stream in ("", "$all") and action != "r"):
            raise access_denied()
        if ADMINS in user.roles:
            return
        key, name = f"${action}", stream or "$all"
        if is_metastream(name):
            key, name = f"$m{action}", name[2:]
        acl = log.metadata_of(name).acl or {}
        allowed = acl.get(key, [ADMINS] if name.startswith("$") else [EVERYBODY])
        allowed = [allowed] if isinstance(allowed, str) else allowed
        if not {EVERYBODY, user.name, *user.roles}.intersection(allowed):
            raise access_denied()

    def check_operator(self, user: User) -> None:
        if self.secure and not user.roles & {ADMINS, OPERATORS}:
            raise access_denied()

    def check_known(self, user: User) -> None:
        if self.secure and not user.name:
            raise access_denied()


def _basic(header: str) -> tuple[str, str]:
    scheme, _, credentials = header.partition(" ")
    try:
        name, colon, password = b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise unauthenticated() from None
    if scheme.lower() != "basic" or not colon:
        raise unauthenticated()
    return name, password
