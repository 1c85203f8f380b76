"""`python -m tests.torture.entry BUG[,BUG] ...`: `counterfoil ...` with planted bugs, and clocks that can be set.

Of a whole shop (`up`) every part is started this way too. The clocks are ahead by as many seconds as the file `clock`
in the data folder says; without the file they are right.
"""

import os
import sys
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from infra.bootstrap import local_stack
from infra.bootstrap.supervisor import Part
from infra.cli.main import app
from infra.eventstore import factory
from infra.settings import Settings
from tests.torture.lines import database_of
from tests.torture.planted import BUGS

ENTRY = ("-m", "tests.torture.entry")


class SetClock:
    """The time of day as this machine would have it, in place of the class `datetime`."""

    @staticmethod
    def now(tz: tzinfo) -> datetime:
        try:
            ahead = float((Path(os.environ["COUNTERFOIL_DATA"]) / "clock").read_text() or 0)
        except (OSError, KeyError):
            ahead = 0.0
        return datetime.now(tz) + timedelta(seconds=ahead)


def main(bugs: str, *words: str) -> None:
    if words[0] == "up":
        made = local_stack.parts_of

        def planted(name: str, settings: Settings, workers: int) -> list[Part]:
            return [
                replace(
                    usual,
                    command=[sys.executable, *ENTRY, bugs, *usual.command[usual.command.index("run") :]],
                    environment=database_of(usual.name, usual.environment),
                )
                for usual in made(name, settings, workers)
            ]

        local_stack.parts_of = planted
    else:
        factory.datetime = SetClock  # type: ignore[attr-defined, assignment]
        for part, plant in map(BUGS.__getitem__, bugs.split(",")):
            if part in words:
                plant()
    sys.argv = ["counterfoil", *words]
    app()


if __name__ == "__main__":
    main(*sys.argv[1:])
