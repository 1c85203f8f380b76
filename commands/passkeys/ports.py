"""What passkeys need beside the log: the ceremonies of WebAuthn, and a place for credentials and challenges."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from commands.accounts.ports import Realm
from domain.shared.personal import Sealed

Document = Mapping[str, Any]
"""A JSON object as the browser's API of WebAuthn takes it or answers it."""


class Purpose(StrEnum):
    """What a challenge is for. A challenge of one purpose is none for the other."""

    ADD = "passkey-add"
    LOG_IN = "passkey-login"


class Credential(NamedTuple):
    """A public key that an authenticator has made, and the id by which it knows the private one."""

    credential_id: bytes
    public_key: bytes
    transports: Sequence[str]
    sign_count: int


class Assertion(NamedTuple):
    """Which passkey a login says it is of. Nothing of it is proven."""

    credential_id: bytes
    user_handle: bytes | None


class StoredPasskey(NamedTuple):
    """A passkey as it is kept. `secret` is sealed for the holder: name, credential id, public key and transports."""

    passkey_id: UUID
    realm: Realm
    subject: str
    secret: Sealed
    made_at: datetime
    used_at: datetime | None


class Ceremonies(Protocol):
    """The two ceremonies of WebAuthn at this shop's address. User verification is always demanded."""

    def registration(self, challenge: bytes, subject: str, account: str, known: Sequence[Credential]) -> Document:
        """Options of navigator.credentials.create(). Raises NoPasskeysHere."""

    def login(self, challenge: bytes) -> Document:
        """Options of navigator.credentials.get(), the same for everybody. Raises NoPasskeysHere."""

    def challenge_in(self, response: Document) -> bytes:
        """The challenge that a response answers. Raises PasskeyRefused."""

    def registered(self, response: Document, challenge: bytes) -> Credential:
        """The new credential. Raises PasskeyRefused."""

    def claimed(self, response: Document) -> Assertion:
        """Raises PasskeyRefused."""

    def proven(self, response: Document, challenge: bytes, public_key: bytes) -> int:
        """The counter of signatures of an authenticator that has proven itself. Raises PasskeyRefused."""


class Passkeys(Protocol):
    """Credentials and challenges in the identity store. All methods raise StoreUnavailable."""

    async def challenge(self, purpose: Purpose, subject: str | None, at: datetime) -> bytes:
        """A new challenge. It is good for some minutes, once."""

    async def take(self, challenge: bytes, purpose: Purpose, subject: str | None, at: datetime) -> bool:
        """Use a challenge up; False for one that is over, used, for another purpose or for another holder."""

    async def add(self, passkey: StoredPasskey, credential_id: bytes, sign_count: int) -> bool:
        """Keep a passkey; False when its credential is known already."""

    async def of(self, subject: str) -> Sequence[StoredPasskey]:
        """The oldest first."""

    async def find(self, realm: Realm, credential_id: bytes) -> StoredPasskey | None: ...

    async def use(self, passkey_id: UUID, sign_count: int, at: datetime) -> bool:
        """Note a login; False when the counter of signatures did not grow, as that of a copy would not."""

    async def change(self, passkey_id: UUID, secret: Sealed) -> None: ...

    async def remove(self, passkey_id: UUID) -> None: ...
