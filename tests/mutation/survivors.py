"""What became of the bugs: which of them no test has caught, and where they were."""

import ast
import json
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

CAUGHT = ("killed", "timeout", "segfault")
UNTRIED = ("not checked", "check was interrupted by user")


class Change(NamedTuple):
    """A bug by what it changes; it keeps its name when other lines of the file move."""

    file: str
    function: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Survivor:
    """A bug that no test has caught, and how it got away: `survived`, or `no tests` reach it."""

    change: Change
    line: int
    status: str

    def __str__(self) -> str:
        minus = [f"    - {line}" for line in self.change.before.splitlines()]
        plus = [f"    + {line}" for line in self.change.after.splitlines()]
        why = "" if self.status == "survived" else f" ({self.status})"
        return "\n".join([f"{self.change.file}:{self.line} {self.change.function}{why}", *minus, *plus])


@dataclass(slots=True)
class Outcome:
    """The bugs of one run or of several."""

    counts: Counter[str] = field(default_factory=Counter)
    survivors: list[Survivor] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        self.counts += other.counts
        self.survivors += other.survivors


def outcome_of(folder: Path, files: Sequence[Path]) -> Outcome:
    """What mutmut has noted in its folder about bugs in these files."""
    outcome = Outcome()
    for file in files:
        notes = folder / "mutants" / f"{file}.meta"
        codes = json.loads(notes.read_text())["exit_code_by_key"] if notes.exists() else {}
        for mutant, code in codes.items():
            status = status_by_exit_code[code]
            kind = "caught" if status in CAUGHT else "untried" if status in UNTRIED else "survived"
            outcome.counts[kind] += 1
            if kind == "survived":
                outcome.survivors.append(_survivor(folder, file, mutant, status))
    return outcome


def _survivor(folder: Path, file: Path, mutant: str, status: str) -> Survivor:
    with chdir(folder):
        diff = get_diff_for_mutant(mutant, path=file).splitlines()[2:]
    function = function_of(mutant)
    before = [line[1:].strip() for line in diff if line.startswith("-")]
    after = [line[1:].strip() for line in diff if line.startswith("+")]
    lines = (folder / file).read_text().splitlines()
    first, last = reach_of(ast.parse("\n".join(lines)), function)
    line = first + _offset(diff)
    wanted = (before or [""])[0]
    near = sorted(range(first, last + 1), key=lambda at: abs(at - line))
    found = next((at for at in near if lines[at - 1].strip() == wanted), line)
    return Survivor(Change(str(file), function, "\n".join(before), "\n".join(after)), found, status)


def function_of(mutant: str) -> str:
    """`Class.method` or `function`, of mutmut's name for a bug in it."""
    name = mutant.rpartition(".")[2].partition("__mutmut_")[0]
    return ".".join(name.split("ǁ")[1:]) if "ǁ" in name else name.removeprefix("x_")


def reach_of(module: ast.Module, function: str) -> tuple[int, int]:
    """The first and the last line of a function or a method."""
    inside: Iterable[ast.AST] = module.body
    *classes, name = function.split(".")
    for wanted in classes:
        inside = next(node for node in inside if isinstance(node, ast.ClassDef) and node.name == wanted).body
    for node in inside:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return min([node.lineno, *(it.lineno for it in node.decorator_list)]), node.end_lineno or node.lineno
    raise LookupError(f"There is no function {function}.")


def _offset(diff: Sequence[str]) -> int:
    """How many lines of the function stand before the first that is changed."""
    before = int(diff[0].split()[1].lstrip("-").partition(",")[0]) - 1
    for line in diff[1:]:
        if line.startswith(("-", "+")):
            break
        before += 1
    return before


def reviewed(file: Path) -> dict[Change, str]:
    """Bugs that change nothing that matters, each with the reason."""
    entries = tomllib.loads(file.read_text()).get("bug", []) if file.exists() else []
    return {Change(it["file"], it["function"], it["before"], it["after"]): it["reason"] for it in entries}


def needless(known: Collection[Change], survivors: Collection[Survivor], files: Collection[Path]) -> Iterator[Change]:
    """Reviewed bugs of these files that are caught, or cannot be planted any more."""
    there, looked_at = {survivor.change for survivor in survivors}, set(map(str, files))
    return (change for change in known if change.file in looked_at and change not in there)
