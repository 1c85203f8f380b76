"""Bad input: exit code 2 and one line that says what is wrong and how to put it right."""

import socket
from pathlib import Path

import pytest

from infra.bootstrap.data_folder import claimed
from infra.security.tokens import Caller, Tokens
from tests.infra.cli.conftest import Counterfoil


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["sell"], "counterfoil: No such command 'sell'. See: counterfoil --help"),
        (["history"], "counterfoil: Missing argument 'stream'. See: counterfoil history --help"),
        (
            ["replay", "--after", "-1"],
            "counterfoil: Invalid value for '--after': Input should be greater than or equal to 0. "
            "See: counterfoil replay --help",
        ),
        (
            ["replay", "--types", "orderplaced"],
            "counterfoil: --types: no event is called 'orderplaced'. Did you mean order.placed.v3?",
        ),
        (
            ["replay", "--from", "yesterday"],
            "counterfoil: --from: 'yesterday' is no time. Write it like 2026-11-25 or 2026-11-25T12:00:00Z.",
        ),
        (
            ["replay", "--out", "/nowhere/out"],
            "counterfoil: --out: /nowhere/out cannot be written: No such file or directory. Choose another file.",
        ),
        (
            ["projections", "rebuild", "cart"],
            "counterfoil: No read model is called 'cart'. Did you mean carts?",
        ),
        (
            ["processes", "resend", "77", "--reason", "Mended"],
            "counterfoil: Invalid value for 'id': Input should be a valid UUID, invalid length: found 2. "
            "See: counterfoil processes resend --help",
        ),
        (
            ["processes", "resend", "0197f0a5-1d2c-7b1e-8f00-6a7b8c9d0e1f"],
            "counterfoil: Missing option '--reason'. See: counterfoil processes resend --help",
        ),
        (
            ["processes", "resend", "0197f0a5-1d2c-7b1e-8f00-6a7b8c9d0e1f", "--reason", "\n"],
            "counterfoil: --reason: give 1 to 200 printable characters.",
        ),
        (
            ["processes", "list", "--limit", "0"],
            "counterfoil: Invalid value for '--limit': Input should be greater than or equal to 1. "
            "See: counterfoil processes list --help",
        ),
    ],
)
def test_wrong_words_are_refused_in_one_line(counterfoil: Counterfoil, words: list[str], line: str) -> None:
    done = counterfoil(*words)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{line}\n")


@pytest.mark.parametrize("words", [["history", "order-1"], ["replay"], ["projections", "list"]])
def test_a_folder_without_a_shop_is_told(counterfoil: Counterfoil, tmp_path: Path, words: list[str]) -> None:
    done = counterfoil(*words)
    assert (done.returncode, done.stderr) == (
        2,
        f"counterfoil: There is no shop in {tmp_path / 'data'} yet. Start one with: counterfoil up\n",
    )


def test_a_folder_that_cannot_be_used_is_refused(counterfoil: Counterfoil) -> None:
    done = counterfoil("up", "--data", "/dev/null/data")
    assert (done.returncode, done.stderr) == (
        2,
        "counterfoil: /dev/null/data cannot be used: Not a directory. "
        "Choose another folder with --data, or make this one writable.\n",
    )


def test_two_shops_on_one_folder_are_refused(counterfoil: Counterfoil, tmp_path: Path) -> None:
    with claimed(tmp_path / "data"):
        done = counterfoil("up", "--write-port", "0", "--read-port", "0", "--web-port", "0")
    assert done.returncode == 2
    assert done.stderr.startswith(f"counterfoil: {tmp_path / 'data'} is in use by process ")
    assert done.stderr.endswith(" Stop that one first, or choose another folder with --data.\n")


def test_a_taken_port_is_refused_before_anything_starts(counterfoil: Counterfoil, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        done = counterfoil("up", "--write-port", str(number), "--read-port", "0", "--web-port", "0")
    assert (done.returncode, done.stderr) == (
        2,
        f"counterfoil: 127.0.0.1:{number} is taken. Choose another with --write-port, --read-port or --web-port.\n",
    )
    assert not (tmp_path / "data").exists()


def test_help_is_quick_to_load_and_names_every_command(counterfoil: Counterfoil) -> None:
    done = counterfoil("--help")
    assert done.returncode == 0
    for command in ("up", "run", "demo", "import", "history", "replay", "projections", "processes", "check", "token"):
        assert f" {command} " in done.stdout


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ["--role", "boss", "--subject", "ann"],
            "counterfoil: --role: 'boss' is no role. "
            "Choose from shopper, back_office, warehouse, till, analyst, auditor.",
        ),
        (["--role", "shopper", "--subject", " "], "counterfoil: --subject: give 1 to 64 characters."),
        (["--role", "shopper"], "counterfoil: Missing option '--subject'. See: counterfoil token --help"),
        (
            ["--role", "shopper", "--subject", "ann", "--hours", "0"],
            "counterfoil: Invalid value for '--hours': Input should be greater than or equal to 1. "
            "See: counterfoil token --help",
        ),
    ],
)
def test_no_token_for_a_role_that_is_none(counterfoil: Counterfoil, words: list[str], line: str) -> None:
    done = counterfoil("token", *words)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{line}\n")


def test_a_token_speaks_for_its_subject(counterfoil: Counterfoil, tmp_path: Path) -> None:
    done = counterfoil("token", "--role", "shopper", "--role", "till", "--subject", "ann")
    secret = (tmp_path / "data" / "token_secret").read_bytes()
    assert Tokens(secret).verify(done.stdout.strip()) == Caller("ann", frozenset({"shopper", "till"}))
