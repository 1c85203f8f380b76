"""Fetch jars from Maven Central, with everything they need, through Maven itself."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from infra.dev_servers.ports import ServiceFailed, ServiceMissing

PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
PATIENCE = 600


class Artifact(NamedTuple):
    """The coordinates of one artifact."""

    group: str
    name: str
    version: str

    def as_dependency(self) -> str:
        tags = {"groupId": self.group, "artifactId": self.name, "version": self.version}
        inside = "".join(f"<{tag}>{value}</{tag}>" for tag, value in tags.items())
        return f"<dependency>{inside}</dependency>"


def fetch_jars(artifacts: Sequence[Artifact], into: Path) -> None:
    """Put the artifacts and all that they need at run time into a folder. Raises ServiceMissing, ServiceFailed."""
    dependencies = "".join(artifact.as_dependency() for artifact in artifacts)
    goal = [f"{PLUGIN}:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={into}"]
    _maven(into, f"<dependencies>{dependencies}</dependencies>", goal)


def fetch_archive(artifact: Artifact, kind: str, into: Path) -> Path:
    """Put one archive (`tar.gz:all`) into a folder, and nothing that it needs. Raises as `fetch_jars`."""
    _maven(into, "", [f"{PLUGIN}:copy", f"-Dartifact={':'.join(artifact)}:{kind}", f"-DoutputDirectory={into}"])
    return next(into.glob(f"{artifact.name}-{artifact.version}*"))


def _maven(folder: Path, inside: str, goal: Sequence[str]) -> None:
    program = shutil.which("mvn")
    if program is None:
        raise ServiceMissing("Maven is missing: `apt-get install maven`, or your system's package of that name.")
    folder.mkdir(parents=True, exist_ok=True)
    project = folder / "pom.xml"
    project.write_text(
        "<project><modelVersion>4.0.0</modelVersion><groupId>counterfoil</groupId><artifactId>services</artifactId>"
        f"<version>1</version><packaging>pom</packaging>{inside}</project>"
    )
    words: list[str | Path] = [program, "--batch-mode", "--quiet", "--no-transfer-progress", "--file", project, *goal]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise ServiceFailed(f"Maven did not fetch its artifacts within {PATIENCE} s.") from None
    project.unlink()
    if done.returncode != 0:
        errors = [line for line in done.stdout.splitlines() if line.startswith("[ERROR]")]
        raise ServiceFailed(f"Maven could not fetch its artifacts: {errors[0] if errors else done.stderr.strip()}")
