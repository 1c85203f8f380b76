"""The program as a whole: its version, its help, its completion, and what it calls itself."""

import os
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from infra.cli.up import addresses, itself
from infra.settings import Settings
from tests.infra.cli.conftest import Counterfoil


def test_the_version_is_that_of_the_package(counterfoil: Counterfoil) -> None:
    done = counterfoil("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"counterfoil {version('counterfoil')}\n", "")


@pytest.mark.parametrize("words", [[], ["processes"], ["processes", "parked"], ["run", "write-api"]])
def test_help_has_a_short_name_everywhere(counterfoil: Counterfoil, words: list[str]) -> None:
    short, long = counterfoil(*words, "-h"), counterfoil(*words, "--help")
    assert (short.returncode, short.stdout, short.stderr) == (0, long.stdout, "")
    assert " ".join(["Usage: counterfoil", *words]) in short.stdout


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("counterfoil proj", ["projections"]),
        ("counterfoil processes re", ["resend"]),
        ("counterfoil run pro", ["projections", "processes"]),
        ("counterfoil check --j", ["--json"]),
    ],
)
def test_the_shell_completes_words(counterfoil: Counterfoil, typed: str, found: list[str]) -> None:
    settings = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    done = counterfoil(**settings, _COUNTERFOIL_COMPLETE="complete_bash")
    assert (done.returncode, done.stdout.split()) == (0, found)


def test_the_program_calls_itself_as_the_shell_can_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    bin = Path(sys.executable).parent
    monkeypatch.setenv("PATH", os.pathsep.join([str(bin), "/usr/bin"]))
    assert itself() == "counterfoil"
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.chdir(bin.parent)
    assert itself() == "bin/counterfoil"
    monkeypatch.chdir("/usr")
    assert itself() == str(bin / "counterfoil")


def test_an_open_shop_names_its_pages_for_what_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    data = tmp_path / "a shop"
    assert addresses(Settings(data=data)) == [
        "  The shop               http://127.0.0.1:8080",
        "  The back office        http://127.0.0.1:8080/desk",
        "  Queries, GraphiQL      http://127.0.0.1:8001/graphql",
        "  Commands, OpenAPI      http://127.0.0.1:8000/docs",
        f"  A token to try them    counterfoil token --role shopper --subject alice --data '{data}'",
        f"  Logs                   {data / 'logs'}",
        "  Ctrl-C stops the shop; the next start finds everything again.",
    ]
