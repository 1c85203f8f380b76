"""Signing keys of access tokens. A new key is published before it signs, and an old one verifies as long as it must."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from infra.clock.identity import uuid7
from infra.identity.schema import PATIENCE
from infra.postgres.sessions import Connection, Sessions
from infra.security.derived_keys import Box
from infra.security.session_state import SigningKey, VerifyingKey
from infra.security.tokens import ACCESS_LIFETIME
from infra.security.wrapping import BadVaultKey

ROTATE_AFTER = timedelta(days=30)
PUBLISHED_BEFORE = timedelta(minutes=1)
"""Between making a key and its first signature: every process reads the keys each second."""

VERIFIES_FOR = ACCESS_LIFETIME + timedelta(minutes=10)
"""After the next key has begun to sign."""

ALL = "select kid, public, private, signs_from from identity.signing_keys order by signs_from, kid"
ADD = "insert into identity.signing_keys (kid, public, private, made_at, signs_from) values ($1, $2, $3, $4, $5)"
DROP = "delete from identity.signing_keys where kid = any($1)"
ALONE = "select pg_advisory_xact_lock(hashtextextended('identity.signing_keys', 0))"


@dataclass(frozen=True, slots=True)
class Stored:
    """A key as read: `private` is None where it was sealed with a vault key that is gone."""

    verifying: VerifyingKey
    private: ec.EllipticCurvePrivateKey | None
    signs_from: datetime


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """Implemented on identity.signing_keys. Raises StoreUnavailable."""

    sessions: Sessions
    box: Box
    _known: dict[str, Stored] = field(default_factory=dict)

    async def read(self) -> Sequence[Stored]:
        """All keys, the oldest first."""
        return await self.sessions.persistently(self._read, PATIENCE)

    async def maintain(self, now: datetime, *, rotate: bool = False) -> None:
        """Make the first key at once and the next one in time, or now; drop those that nothing needs any more."""

        async def work(connection: Connection) -> None:
            async with connection.transaction():
                await connection.execute(ALONE)
                keys = await self._read(connection)
                usable = [key for key in keys if key.private is not None]
                if not usable:
                    await self._add(connection, now, now)
                elif rotate or usable[-1].signs_from + ROTATE_AFTER <= now:
                    await self._add(connection, now, now + PUBLISHED_BEFORE)
                await connection.execute(DROP, [key.verifying.kid for key in _outlived(keys, now)])

        await self.sessions.persistently(work, PATIENCE)

    async def _add(self, connection: Connection, made_at: datetime, signs_from: datetime) -> None:
        kid, private = str(uuid7()), ec.generate_private_key(ec.SECP256R1())
        public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        secret = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        await connection.execute(ADD, kid, public, self.box.seal(secret, kid.encode()), made_at, signs_from)

    async def _read(self, connection: Connection) -> Sequence[Stored]:
        rows = await connection.fetch(ALL)
        for row in rows:
            if row["kid"] not in self._known:
                self._known[row["kid"]] = self._opened(*row)
        return [self._known[row["kid"]] for row in rows]

    def _opened(self, kid: str, public: bytes, private: bytes, signs_from: datetime) -> Stored:
        verifying = load_der_public_key(public)
        assert isinstance(verifying, ec.EllipticCurvePublicKey)
        try:
            signing = load_der_private_key(self.box.open(private, kid.encode()), None)
            assert isinstance(signing, ec.EllipticCurvePrivateKey)
        except BadVaultKey:
            return Stored(VerifyingKey(kid, verifying), None, signs_from)
        return Stored(VerifyingKey(kid, verifying), signing, signs_from)


def signer_of(keys: Sequence[Stored], now: datetime) -> SigningKey | None:
    """The newest key whose time to sign has come."""
    for key in reversed(keys):
        if key.private is not None and key.signs_from <= now:
            return SigningKey(key.verifying.kid, key.private)
    return None


def _outlived(keys: Sequence[Stored], now: datetime) -> Sequence[Stored]:
    return [key for key, following in pairwise(keys) if following.signs_from + VERIFIES_FOR <= now]
