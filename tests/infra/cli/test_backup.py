"""`counterfoil backup` and `restore`: what cannot be done is said in one line, before anything is touched."""

import base64
import json
from pathlib import Path

import pytest

from domain.shared.recorded import START
from infra.backup.archive import Manifest, Writer, writing
from infra.backup.log import LOG
from infra.backup.taking import SECRETS
from tests.infra.cli.conftest import Counterfoil
from tests.support.builders.event_log_builder import NOON

HERE = "counterfoil: "


@pytest.fixture
def empty_backup(tmp_path: Path) -> Path:
    """A backup of a shop in which nothing has happened, without secrets."""
    path = tmp_path / "empty.zip"
    with writing(path) as backup:
        write(backup)
    return path


def write(backup: Writer, secrets: bytes = b"{}") -> None:
    for name, lines in ((LOG, []), (SECRETS, [secrets])):
        with backup.member(name) as out:
            for line in lines:
                out.write(line)
    backup.finish(Manifest(taken_at=NOON, head=START, events=0, members=backup.members))


def refused(counterfoil: Counterfoil, *words: str) -> str:
    done = counterfoil(*words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert done.stderr.startswith(HERE)
    return done.stderr.removeprefix(HERE).rstrip("\n")


def test_what_is_no_backup_is_not_restored(counterfoil: Counterfoil, empty_backup: Path, tmp_path: Path) -> None:
    missing = tmp_path / "nothing.zip"
    assert refused(counterfoil, "restore", str(missing)) == f"There is no {missing}."
    cut = tmp_path / "cut.zip"
    cut.write_bytes(empty_backup.read_bytes()[:-30])
    assert refused(counterfoil, "restore", str(cut)).startswith(f"{cut} is no backup, or was cut off: ")
    assert not (tmp_path / "data").exists()


def test_a_shop_without_its_secrets_is_not_restored(
    counterfoil: Counterfoil, empty_backup: Path, tmp_path: Path
) -> None:
    said = refused(counterfoil, "restore", str(empty_backup))
    assert said == "The backup holds no token_secret. Set COUNTERFOIL_TOKEN_SECRET to the one of the shop."
    assert not (tmp_path / "data").exists()


def test_there_is_no_backup_of_no_shop(counterfoil: Counterfoil, tmp_path: Path) -> None:
    said = refused(counterfoil, "backup", str(tmp_path / "shop.zip"))
    assert said == f"There is no shop in {tmp_path / 'data'} yet. Start one with: counterfoil up"
    said = refused(counterfoil, "backup", str(tmp_path / "no" / "shop.zip"))
    assert said == f"There is no folder {tmp_path / 'no'}. Make it first."


def test_a_shop_whose_people_have_no_keys_is_restored_on_demand_only(counterfoil: Counterfoil, tmp_path: Path) -> None:
    path = tmp_path / "keyless.zip"
    with writing(path) as backup:
        key = base64.b64encode(bytes(32)).decode()
        write(backup, json.dumps(dict.fromkeys(("token_secret", "vault_key", "webhook_secret"), key)).encode())
    assert refused(counterfoil, "restore", str(path)) == (
        "The backup holds no keys of people. Name a newer one that does with --keys-from. With --without-keys the shop"
        " is restored without them, and no address in it can ever be read."
    )
    assert refused(counterfoil, "restore", str(path), "--keys-from", str(tmp_path / "no.zip")) == (
        f"There is no {tmp_path / 'no.zip'}."
    )
    assert not (tmp_path / "data").exists()


def test_no_backup_is_taken_where_the_wrapping_keys_are_not(
    counterfoil: Counterfoil, database_url: str, tmp_path: Path
) -> None:
    database = {"database": database_url}
    assert counterfoil("keys", "rotate", **database).returncode == 0
    (tmp_path / "data" / "keys").rename(tmp_path / "elsewhere")
    for words in (("backup", str(tmp_path / "shop.zip")), ("keys", "rotate"), ("run", "read-api")):
        done = counterfoil(*words, **database)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert "keys lacks the wrapping key " in done.stderr
        assert "COUNTERFOIL_KEYS_FOLDER" in done.stderr
    assert not (tmp_path / "shop.zip").exists()
    without = counterfoil("backup", str(tmp_path / "shop.zip"), "--without-keys", "--without-secrets", **database)
    assert (without.returncode, without.stdout.count("\n")) == (0, 1), without.stderr
