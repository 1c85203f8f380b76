"""One shop per data folder, and secrets that stay."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.bootstrap.data_folder import (
    SECRETS,
    DataFolderInUse,
    DataFolderUnusable,
    claimed,
    kept_secrets,
    keys_folder,
    replace_first_vault_key,
    with_secrets,
)
from infra.bootstrap.local_stack import PortTaken, free_port
from infra.settings import Settings


def test_a_claimed_folder_tells_who_has_it(tmp_path: Path) -> None:
    with claimed(tmp_path), pytest.raises(DataFolderInUse, match=f"in use by process {os.getpid()}"), claimed(tmp_path):
        raise AssertionError("claimed twice")


def test_a_folder_is_free_again_after_the_block(tmp_path: Path) -> None:
    for _ in range(2):
        with claimed(tmp_path):
            pass


def test_a_folder_is_free_again_when_its_holder_was_killed(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys; from infra.bootstrap.data_folder import claimed\n"
        "with claimed(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False).returncode == -9
    with claimed(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFolderUnusable, match="cannot be used: Not a directory"), claimed(tmp_path / "file" / "x"):
        raise AssertionError("claimed")


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first = with_secrets(Settings(data=tmp_path))
    assert with_secrets(Settings(data=tmp_path)) == first
    made = [secret.get_secret_value() for name in SECRETS if (secret := getattr(first, name)) is not None]
    assert len(set(made)) == 3
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in SECRETS] == [0o600] * 3


def test_a_secret_that_is_set_is_not_written_down(tmp_path: Path) -> None:
    told = SecretStr("told " * 10)
    assert with_secrets(Settings(data=tmp_path, token_secret=told)).token_secret == told
    assert not (tmp_path / "token_secret").exists()


def test_a_taken_port_is_told_and_a_free_one_found() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"127.0.0.1:{number} is taken"):
            free_port("127.0.0.1", number)
    assert free_port("127.0.0.1", number) == number
    assert free_port("127.0.0.1", 0) > 0


def test_a_vault_key_that_may_have_wrapped_keys_of_people_itself_is_set_aside_once(tmp_path: Path) -> None:
    """As `up` finds the folder of an earlier version: it has a vault key, and no wrapping keys."""
    settings = Settings(data=tmp_path)
    replace_first_vault_key(settings)
    assert with_secrets(settings).vault_key_before is None
    first = with_secrets(settings).vault_key
    for _ in range(2):
        replace_first_vault_key(settings)
        complete = with_secrets(settings)
        assert (complete.vault_key_before, complete.vault_key != first) == (first, True)
    assert first is not None
    assert kept_secrets(settings)["vault_key_before"] == first.get_secret_value()
    (tmp_path / "vault_key_before").unlink()
    keys_folder(settings).mkdir()
    replace_first_vault_key(settings)
    assert with_secrets(settings).vault_key == complete.vault_key


def test_a_vault_key_that_is_set_is_left_alone(tmp_path: Path) -> None:
    with_secrets(Settings(data=tmp_path))
    replace_first_vault_key(Settings(data=tmp_path, vault_key=SecretStr("told")))
    assert not (tmp_path / "vault_key_before").exists()
