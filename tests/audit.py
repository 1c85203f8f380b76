"""`make audit`: known vulnerabilities of what is in requirements.lock, or a loud word that nobody could look.

Advisories are asked of PyPI, then of OSV. A mirror of packages has none, so this is not part of `make check`, which has
to work offline. Exit code 1: something is vulnerable. Exit code 2: nothing, or not all, could be looked up.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

SOURCES = ("pypi", "osv")
SHARED = ("--requirement=requirements.lock", "--no-deps", "--disable-pip", "--format=json", "--progress-spinner=off")


def asked(program: str, source: str) -> list[dict[str, Any]]:
    """What a source says of each package; nothing if it could not be reached."""
    done = subprocess.run(
        [program, *SHARED, f"--vulnerability-service={source}"], capture_output=True, text=True, check=False
    )
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError:
        (*_, why) = done.stderr.strip().splitlines() or ["no answer"]
        sys.stderr.write(f"{source}: {why}\n")
        return []
    return [one for one in found if "skip_reason" not in one]


def locked() -> Iterator[str]:
    """The names of all packages in the lock."""
    with open("requirements.lock") as lock:
        for line in lock:
            if "==" in line:
                yield line.partition("==")[0].strip()


def main(program: str) -> int:
    found = dict[str, list[dict[str, Any]]]()
    names = set(locked())
    for source in SOURCES:
        if set(found) != names:
            found |= {one["name"]: one["vulns"] for one in asked(program, source)}
    bad = {name: vulnerabilities for name, vulnerabilities in found.items() if vulnerabilities}
    for name, vulnerabilities in sorted(bad.items()):
        for one in vulnerabilities:
            mended = ", ".join(one["fix_versions"]) or "no version yet"
            sys.stdout.write(f"{name}: {one['id']}, mended in {mended}\n")
    if missing := len(names - set(found)):
        sys.stderr.write(f"NOT AUDITED: the advisories of {missing} of {len(names)} packages could not be reached.\n")
    else:
        sys.stdout.write(f"{len(names)} packages looked up, {len(bad)} vulnerable.\n")
    return 1 if bad else 2 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
