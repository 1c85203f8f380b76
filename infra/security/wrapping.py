"""Envelope encryption: the vault key wraps the wrapping keys, and these wrap the keys of people (NIST SP 800-57).

A wrapped key stays in the files of the database long after its row is gone. It is destroyed by destroying the wrapping
key, which is in no database: see infra/security/rotation.py.
"""

import base64
import binascii
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.security.key_files import KeyFiles, KeyFolderUnusable, destroy, is_destroyed

KEY_BYTES, NONCE_BYTES = 32, 12


class BadVaultKey(ValueError):
    """The vault's own key is not one, or not the one that the keys were wrapped with."""


class NoWrappingKey(ValueError):
    """A wrapping key that the database names is not in the folder of the wrapping keys."""


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """A subject's key and its id; a subject who comes back after being forgotten has another one."""

    key_id: UUID
    cipher: AESGCM


def vault_key(text: str, setting: str = "COUNTERFOIL_VAULT_KEY") -> AESGCM:
    """The key that wraps all others, from its base64. Raises BadVaultKey."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise BadVaultKey(f"{setting} must be {KEY_BYTES} bytes in base64.")
    return AESGCM(key)


@dataclass(frozen=True, slots=True)
class VaultKeys:
    """The vault key, and the one before it while that is being replaced; the latter may be a file to be destroyed."""

    present: AESGCM
    before: AESGCM | None = None
    before_file: Path | None = None

    @property
    def all(self) -> Sequence[AESGCM]:
        return (self.present,) if self.before is None else (self.present, self.before)

    @property
    def replaced(self) -> bool:
        """Whether the file of the key before is still there."""
        return self.before_file is not None and not is_destroyed(self.before_file)

    def retire(self) -> None:
        """Destroy the file of the key before, when nothing is wrapped by that any more. Raises KeyFolderUnusable."""
        if self.before_file is not None:
            try:
                destroy(self.before_file)
            except OSError as error:
                raise KeyFolderUnusable(f"{self.before_file} cannot be destroyed: {error.strerror}.") from error

    def opened(self, wrapping_id: UUID, wrapped: bytes) -> AESGCM:
        """A wrapping key out of what is stored of it. Raises BadVaultKey."""
        return AESGCM(decrypted(self.all, wrapped, wrapping_id.bytes))


@dataclass(frozen=True, slots=True)
class WrappingKeys:
    """The wrapping keys, wrapped by the vault key. They are read anew for each use: none outlives its file."""

    files: KeyFiles
    vault: VaultKeys

    def make(self, wrapping_id: UUID) -> None:
        """Make and store a new one."""
        self.files.write(wrapping_id, encrypted(self.vault.present, os.urandom(KEY_BYTES), wrapping_id.bytes))

    def get(self, wrapping_id: UUID) -> AESGCM | None:
        """None if there is none. Raises BadVaultKey, KeyFolderUnusable."""
        wrapped = self.files.read(wrapping_id)
        return None if wrapped is None else self.vault.opened(wrapping_id, wrapped)

    def is_under_present(self, wrapping_id: UUID) -> bool:
        """Whether a wrapping key is wrapped by the present vault key, not by the one before."""
        wrapped = self.files.read(wrapping_id)
        try:
            return wrapped is not None and bool(VaultKeys(self.vault.present).opened(wrapping_id, wrapped))
        except BadVaultKey:
            return False

    def those_of(self, wrapping_id: UUID | None) -> Sequence[AESGCM]:
        """What a subject's key may be wrapped with: of old, the vault key itself (None). Empty if it is destroyed."""
        if wrapping_id is None:
            return self.vault.all
        found = self.get(wrapping_id)
        return () if found is None else (found,)

    def prove(self, named: Sequence[UUID]) -> None:
        """Raise NoWrappingKey or BadVaultKey unless all of these are here."""
        if missing := [str(it) for it in named if self.get(it) is None]:
            raise NoWrappingKey(
                f"{self.files.folder} lacks the wrapping key {missing[0]}, which the database names. Set"
                " COUNTERFOIL_KEYS_FOLDER to the folder that all machines of this shop share."
            )


def wrap(wrapping: AESGCM, subject: str, key_id: UUID, key: bytes) -> bytes:
    """A subject's key as it is stored."""
    return encrypted(wrapping, key, bound(subject, key_id))


def unwrap(wrapping: Sequence[AESGCM], subject: str, key_id: UUID, wrapped: bytes) -> bytes:
    """A subject's key out of what is stored of it. Raises BadVaultKey."""
    return decrypted(wrapping, wrapped, bound(subject, key_id))


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def new_wrapping_id() -> UUID:
    return uuid4()


def encrypted(cipher: AESGCM, value: bytes, about: bytes) -> bytes:
    """Behind its nonce."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, value, about)


def decrypted(ciphers: Sequence[AESGCM], stored: bytes, about: bytes) -> bytes:
    """By the first of these that can. Raises BadVaultKey."""
    for cipher in ciphers:
        try:
            return cipher.decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], about)
        except (InvalidTag, ValueError):
            continue
    raise BadVaultKey("COUNTERFOIL_VAULT_KEY is not the key that this vault was filled with.")


def bound(subject: str, key_id: UUID) -> bytes:
    """What a ciphertext is bound to: it cannot be passed off as another subject's, or as one of another key."""
    return key_id.bytes + subject.encode()
