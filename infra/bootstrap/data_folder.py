"""The data folder: one `up` at a time, and secrets that are made at the first start."""

import base64
import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import SecretStr

from infra.settings import Settings

SECRETS = ("token_secret", "vault_key", "webhook_secret")
BEFORE = "vault_key_before"
"""The vault key until now, while it is being replaced; there need not be one."""

KEYS = "keys"


class DataFolderInUse(Exception):
    """Another process runs the shop of this folder."""


class DataFolderUnusable(Exception):
    """The folder cannot be made or written to."""


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold the folder until the block ends or the process dies. Raises DataFolderInUse, DataFolderUnusable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise DataFolderUnusable(f"{folder} cannot be used: {error.strerror}.") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 20, 0).decode().strip() or "unknown"
            raise DataFolderInUse(f"{folder} is in use by process {holder}.") from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(lock)


def with_secrets(settings: Settings) -> Settings:
    """The settings, complete: a secret that is not set comes from the data folder, made if need be."""
    unset = [name for name in SECRETS if getattr(settings, name) is None]
    made = {name: SecretStr(_kept(settings.data / name)) for name in unset}
    if settings.vault_key_before is None:
        with suppress(FileNotFoundError):
            made[BEFORE] = SecretStr((settings.data / BEFORE).read_text())
    return settings.model_copy(update=made)


def keys_folder(settings: Settings) -> Path:
    """Where the wrapping keys are."""
    return settings.keys_folder or settings.data / KEYS


def replace_first_vault_key(settings: Settings) -> None:
    """Set aside a vault key that may have wrapped keys of people itself, as earlier versions had it.

    The next start of the shop makes another one, and the first rotation destroys this one. To be called by the holder
    of the folder.
    """
    first, aside = settings.data / "vault_key", settings.data / BEFORE
    if settings.vault_key is None and first.exists() and not aside.exists() and not keys_folder(settings).exists():
        first.rename(aside)


def kept_secrets(settings: Settings) -> dict[str, str]:
    """The secrets that are in the data folder and used: who sets one in the environment keeps it elsewhere."""
    files = {name: settings.data / name for name in (*SECRETS, BEFORE) if getattr(settings, name) is None}
    return {name: file.read_text() for name, file in files.items() if file.exists()}


def keep_secrets(settings: Settings, secrets: Mapping[str, str]) -> None:
    """Write secrets that are not set into the data folder; those that are there already are left alone."""
    for name in SECRETS:
        if getattr(settings, name) is None:
            _kept(settings.data / name, secrets[name])


def _kept(file: Path, secret: str | None = None) -> str:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return file.read_text()
        with os.fdopen(made, "w") as out:
            out.write(secret or base64.b64encode(secrets.token_bytes(32)).decode())
        return file.read_text()
    except OSError as error:
        raise DataFolderUnusable(f"{file} cannot be used: {error.strerror}.") from error
