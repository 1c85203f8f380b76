"""Apicurio Registry: keeps the schemas of events, and speaks the API of Confluent's."""

from collections.abc import Sequence
from pathlib import Path

from infra.dev_servers.health import answers
from infra.dev_servers.java import jvm
from infra.dev_servers.maven import Artifact, fetch_archive
from infra.programs import installed, unpack

VERSION = "3.3.3"
ARCHIVE = Artifact("io.apicurio", "apicurio-registry-app", VERSION)
OLDEST_JAVA = 21
HEAP = 256
API = "apis/ccompat/v7"


class Registry:
    """A registry that keeps its schemas in a file: by default it keeps them in memory and loses them."""

    name = "registry"
    setting = "COUNTERFOIL_SCHEMA_REGISTRY"
    ports = 2

    def install(self, cache: Path) -> Path:
        return installed(cache, f"apicurio-{VERSION}", _unpack)

    def command(self, program: Path, folder: Path, ports: Sequence[int]) -> Sequence[str | Path]:
        settings = {
            "quarkus.http.host": "127.0.0.1",
            "quarkus.http.port": ports[0],
            "quarkus.management.host": "127.0.0.1",
            "quarkus.management.port": ports[1],
            "quarkus.http.access-log.enabled": "false",
            "apicurio.storage.kind": "sql",
            "apicurio.storage.sql.kind": "h2",
            "apicurio.datasource.url": f"jdbc:h2:file:{folder / 'schemas'};WRITE_DELAY=0",
            "java.io.tmpdir": folder,
        }
        options = [f"-D{name}={value}" for name, value in settings.items()]
        java = [*jvm(OLDEST_JAVA, program, HEAP), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        return [*java, *options, "-jar", program / "quarkus-run.jar"]

    def healthy(self, ports: Sequence[int]) -> bool:
        return answers(f"{self.address(ports)}/subjects")

    def address(self, ports: Sequence[int]) -> str:
        return f"http://127.0.0.1:{ports[0]}/{API}"


def _unpack(folder: Path) -> None:
    archive = fetch_archive(ARCHIVE, "tar.gz:all", folder)
    unpack(archive, folder)
    archive.unlink()
