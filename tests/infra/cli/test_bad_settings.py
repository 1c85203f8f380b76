"""Settings that cannot be: one line that names the setting, before anything is started."""

import socket
from pathlib import Path

import pytest

from infra.cli.environment import settings
from infra.cli.errors import Refused
from tests.infra.cli.conftest import Counterfoil

UP = ("up", "--write-port", "0", "--read-port", "0", "--web-port", "0")
WHO = ":".join(["shop", "hidden"])
POSTGRESQL = "postgresql://user:password@host:5432/counterfoil"


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("WAREHOUSES", "MAIN,EAST", 'write a JSON list, best first, such as ["MAIN", "EAST"].'),
        ("WAREHOUSES", "[]", "Tuple should have at least 1 item after validation, not 0."),
        ("WAREHOUSES", '["MAIN", "not one"]', "String should match pattern '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'."),
        ("DATABASE", "mysql://", f"write it like {POSTGRESQL}."),
        ("DATABASE", "localhost", f"write it like {POSTGRESQL}."),
        ("DATABASE", "postgresql://here:many/shop", "'many' is no port; they are 1 to 65535."),
        ("DATABASE", "postgresql://here,there:0/shop", "'0' is no port; they are 1 to 65535."),
        (
            "EVENT_STORE",
            "mysql://",
            f"write it like {POSTGRESQL}, esdb://host:2113?Tls=false or sqlite:///file.",
        ),
        (
            "EVENT_STORE",
            "memory://",
            "memory:// is seen by one process only, and a shop has several; use sqlite:///file.",
        ),
        ("REDIS", "localhost:6379", "write it like redis://host:6379/0."),
        ("OPENSEARCH", "localhost:9200", "write it like http://host:9200 or https://user:password@host:9200."),
        ("SCHEMA_REGISTRY", "registry", "write it like http://host:8081."),
        (
            "CONNECTIONS",
            "many",
            "Input should be a valid integer, unable to parse string as an integer.",
        ),
    ],
)
def test_a_setting_that_is_not_usable_is_named(counterfoil: Counterfoil, name: str, value: str, why: str) -> None:
    done = counterfoil(*UP, **{f"COUNTERFOIL_{name}": value})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"counterfoil: COUNTERFOIL_{name} is not usable: {why}\n"


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        (
            "TOKEN_SECRET",
            "short",
            "COUNTERFOIL_TOKEN_SECRET is not usable: A secret has at least 32 bytes; this one has 5.",
        ),
        ("VAULT_KEY", "c2hvcnQ=", "COUNTERFOIL_VAULT_KEY must be 32 bytes in base64."),
    ],
)
def test_what_only_a_part_finds_wrong_is_told_by_the_shop_and_not_tried_again(
    counterfoil: Counterfoil, database_url: str, name: str, value: str, line: str
) -> None:
    done = counterfoil(*UP, database=database_url, **{f"COUNTERFOIL_{name}": value})
    assert (done.returncode, done.stderr) == (2, f"counterfoil: {line}\n")
    assert "starting it again" not in done.stdout


def test_a_file_of_settings_that_is_no_text_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"COUNTERFOIL_CURRENCY=\xff")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match=r"^\.env cannot be read: 'utf-8' codec can't decode byte 0xff"):
        settings()


def test_an_empty_setting_is_an_unset_one(counterfoil: Counterfoil) -> None:
    empty = dict.fromkeys(("COUNTERFOIL_DATABASE", "COUNTERFOIL_TOKEN_SECRET", "COUNTERFOIL_READ_PORT"), "")
    done = counterfoil("token", "--role", "shopper", "--subject", "ann", **empty)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("words", [UP, ("check",), ("processes", "parked")])
@pytest.mark.parametrize(
    ("setting", "url"),
    [
        ("DATABASE", "postgresql://{who}@127.0.0.1:{port}/goods"),
        ("EVENT_STORE", "postgresql://{who}@127.0.0.1:{port}/goods"),
        ("EVENT_STORE", "esdb://{who}@127.0.0.1:{port}?Tls=false"),
    ],
)
def test_a_server_that_does_not_answer_is_named_at_once_with_its_setting_and_without_its_password(
    counterfoil: Counterfoil, database_url: str, words: tuple[str, ...], setting: str, url: str
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        given = {"COUNTERFOIL_DATABASE": database_url, f"COUNTERFOIL_{setting}": url.format(who=WHO, port=port)}
        done = counterfoil(*words, **given)
    place = f"127.0.0.1:{port}" + ("/goods" if url.startswith("postgresql") else "")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"counterfoil: COUNTERFOIL_{setting}: {place} does not answer: Connection refused\n"


def test_a_database_that_is_not_there_is_named(counterfoil: Counterfoil, database_url: str) -> None:
    other = database_url.replace("/test_", "/none_")
    done = counterfoil(*UP, database=other)
    sockets, name = database_url.partition("host=")[2], other.partition("?")[0].rpartition("/")[2]
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f'counterfoil: COUNTERFOIL_DATABASE: {sockets} does not answer: database "{name}" does not exist\n'
    )
