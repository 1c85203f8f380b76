"""Whom servers run as: nobody has more rights than a server needs."""

import os
import stat
from pathlib import Path

from infra.dev_servers.ports import ServiceFailed

NOBODY = 65534
"""The user without rights, whom servers run as that root starts: OpenSearch refuses to be root, none needs it."""


def runs_as() -> int | None:
    """The user id that a server is started with; None: ours."""
    return NOBODY if os.geteuid() == 0 else None


def give(folder: Path) -> None:
    """Let the server own its folder. Raises ServiceFailed where it could not get there."""
    if (user := runs_as()) is not None:
        closed = [parent for parent in folder.resolve().parents if not parent.stat().st_mode & stat.S_IXOTH]
        if closed:
            raise ServiceFailed(
                f"Servers run as the user nobody, who needs the right to enter {closed[-1]} (chmod o+x), or choose"
                " another data folder."
            )
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, user, follow_symlinks=False)
