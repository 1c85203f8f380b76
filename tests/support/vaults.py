"""Vaults on a database and a folder, as each process of a shop has one."""

import base64
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.key_files import KeyFiles
from infra.wrapping import VaultKeys, WrappingKeys, vault_key

MASTER = base64.b64encode(bytes(range(32))).decode()


def wrapping_in(folder: Path, vault: AESGCM | None = None, before: AESGCM | None = None) -> WrappingKeys:
    """The wrapping keys of a folder, under this vault key or else MASTER."""
    return WrappingKeys(KeyFiles(folder), VaultKeys(vault or vault_key(MASTER), before))


def names(folder: Path) -> list[str]:
    """The files of a folder."""
    return sorted(file.name for file in folder.iterdir())
