"""Where data and caches lie when nobody says."""

import os
import stat
from hashlib import sha256
from pathlib import Path


def open_to_all(folder: Path) -> bool:
    """Whether every user may enter the folder and look up names in it and in those above."""
    return all(p.stat().st_mode & stat.S_IXOTH for p in (folder, *folder.parents) if p.exists())


def default_data() -> Path:
    """`.data` in the working folder.

    PostgreSQL never runs as root; started by root it runs as a user of its own, which may not look into a closed
    folder such as root's home. The data then lives under /var/lib/counterfoil, and no home folder is opened.
    """
    here = Path.cwd()
    if os.geteuid() == 0 and not open_to_all(here):
        return Path("/var/lib/counterfoil") / f"{here.name}-{sha256(str(here).encode()).hexdigest()[:8]}"
    return here / ".data"


def default_cache() -> Path:
    """Where fetched servers are kept: the user's cache, or the system's where that is closed to others, see above."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    if os.geteuid() == 0 and not open_to_all(cache):
        return Path("/var/cache/counterfoil")
    return cache / "counterfoil"
