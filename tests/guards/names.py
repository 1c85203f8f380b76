"""Every name under which anything is stored in the log: events, and commands inside journals and parked messages.

`python -m tests.guards.names` adds new names to the golden file. No name ever leaves it: the log may hold it.
"""

import importlib
import pkgutil
import sys
from pathlib import Path

import domain
import process_managers
from domain.shared.messages import COMMANDS, EVENTS
from infra.serialization.upcasters import UPCASTERS

FILE = Path(__file__).parents[1] / "golden" / "names.txt"


def names() -> set[str]:
    """The names that the code of today can read."""
    for package in (domain, process_managers):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    declared = {**EVENTS, **COMMANDS}
    return {name for name, kind in declared.items() if not kind.__module__.startswith("tests.")} | UPCASTERS.keys()


def pinned() -> set[str]:
    """The names of the golden file."""
    return set(FILE.read_text().split())


def main() -> int:
    before = pinned() if FILE.exists() else set[str]()
    FILE.write_text("".join(f"{name}\n" for name in sorted(before | names())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
