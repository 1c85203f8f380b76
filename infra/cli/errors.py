"""How the command line says no: one line on stderr, what is wrong and how to put it right."""

import sys
from collections.abc import Sequence
from typing import Any

from typer import Exit
from typer.core import TyperGroup
from typer.exceptions import TyperException

NAME = "counterfoil"
USAGE = 2
FAILED = 1


class Refused(Exception):
    """What was asked for cannot be done as it was asked for: exit code 2."""

    exit_code = USAGE


class Failed(Exception):
    """It was asked for rightly and did not work: exit code 1."""

    exit_code = FAILED


class OneLine(TyperGroup):
    """A group of commands that prints every error in one line."""

    def main(self, args: Sequence[str] | None = None, *words: Any, **settings: Any) -> Any:
        settings |= {"prog_name": NAME, "standalone_mode": False}
        try:
            code = super().main(args, *words, **settings)
        except TyperException as error:
            context = getattr(error, "ctx", None)
            _tell(error.format_message(), f"See: {context.command_path} --help" if context else "")
            sys.exit(error.exit_code)
        except (Refused, Failed) as error:
            _tell(str(error))
            sys.exit(error.exit_code)
        except KeyboardInterrupt:
            sys.exit(130)
        sys.exit(code if isinstance(code, int) else 0)


def finish(code: int) -> None:
    """End the command with this exit code."""
    if code:
        raise Exit(code)


def _tell(message: str, hint: str = "") -> None:
    if words := " ".join(message.split()):
        sys.stderr.write(f"{NAME}: {words.rstrip('.') + '. ' + hint if hint else words}\n")
