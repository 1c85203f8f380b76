"""Every command that a document shows is one: the program knows its words and options, make its target."""

import re
from importlib.util import find_spec

import pytest
import typer.main
from typer.core import TyperGroup

from infra.cli.main import app
from tests.support.fixtures.documented import ASSIGNMENT, COMMAND, ROOT, Shown, blocks, calls, spans

TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def unknown(words: list[str]) -> str | None:
    """The first word that the program does not know. A word in capitals, <...> or ... stands for another."""
    command, names = typer.main.get_command(app), {"--help", "-h"}
    for word in words:
        if isinstance(command, TyperGroup) and not word.startswith("-"):
            if word.startswith("<"):
                return None
            if word not in command.commands:
                return word
            command = command.commands[word]
        elif word.startswith("-"):
            names |= {name for parameter in command.params for name in parameter.opts}
            if word.partition("=")[0] not in names:
                return word
    return None


def test_shell_is_marked_as_shell() -> None:
    lines = [f"{block.page}: {line}" for block in blocks("") for line in block.text.splitlines() if COMMAND.match(line)]
    assert lines == []


def test_every_call_of_the_program_is_understood() -> None:
    found = [(shown.page, words, word) for shown, words in calls() if (word := unknown(words)) is not None]
    assert found == []


def test_the_programs_own_words_are_found() -> None:
    assert {words[0] for _, words in calls()} >= {"up", "token", "check", "backup", "history", "processes"}


@pytest.mark.parametrize(
    ("words", "word"),
    [(["sell"], "sell"), (["processes", "park"], "park"), (["check", "--fast"], "--fast"), (["check", "--json"], None)],
)
def test_words_that_are_none_are_found_out(words: list[str], word: str | None) -> None:
    assert unknown(words) == word


def test_every_target_of_make_and_every_module_is_there() -> None:
    lines = [Shown(shown.page, line) for shown in (*blocks("sh"), *spans()) for line in shown.text.splitlines()]
    targets = {(it.page, name) for it in lines for name in re.findall(rf"^{ASSIGNMENT}make ([a-z-]+)", it.text)}
    modules = {(it.page, name) for it in lines for name in re.findall(r"\bpython3? -m ([a-z_.]+)", it.text)}
    assert {it for it in targets if it[1] not in TARGETS} == set()
    assert {it for it in modules if find_spec(it[1]) is None} == set()
    assert ("README.md", "demo") in targets
