"""OpenSearch: one node, put together from its jars, with the modules that the shop's search needs."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from infra.dev_servers.health import answers
from infra.dev_servers.java import jvm
from infra.dev_servers.maven import Artifact, fetch_jars
from infra.programs import installed

VERSION = "3.9.0"
OLDEST_JAVA = 21
HEAP = 512


class Module(NamedTuple):
    """A part of OpenSearch with a class loader of its own."""

    artifact: str
    name: str
    plugin: str
    extends: str = ""


MODULES = (
    Module("transport-netty4-client", "transport-netty4", "org.opensearch.transport.Netty4ModulePlugin"),
    Module(
        "analysis-common",
        "analysis-common",
        "org.opensearch.analysis.common.CommonAnalysisModulePlugin",
        "lang-painless",
    ),
    Module("mapper-extras-client", "mapper-extras", "org.opensearch.index.mapper.MapperExtrasModulePlugin"),
    Module("reindex-client", "reindex", "org.opensearch.index.reindex.ReindexModulePlugin"),
    Module("lang-painless", "lang-painless", "org.opensearch.painless.PainlessModulePlugin"),
    Module("lang-mustache-client", "lang-mustache", "org.opensearch.script.mustache.MustacheModulePlugin"),
)
JARS = (
    *(Artifact("org.opensearch", name, VERSION) for name in ("opensearch", "opensearch-plugin-classloader")),
    Artifact("org.opensearch", "opensearch-agent-bootstrap", VERSION),
    Artifact("org.apache.logging.log4j", "log4j-core", "2.25.5"),
    *(Artifact("org.opensearch.plugin", module.artifact, VERSION) for module in MODULES),
)
PAINLESS = ("opensearch-scripting-painless-spi-*.jar", "antlr4-runtime-*.jar", "asm-*.jar")
"""What the scripting language must find in its own class loader."""

LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
"""


class OpenSearch:
    """A node without replicas that makes no index by itself."""

    name = "opensearch"
    setting = "COUNTERFOIL_OPENSEARCH"
    ports = 2

    def install(self, cache: Path) -> Path:
        return installed(cache, f"opensearch-{VERSION}", _assemble)

    def command(self, program: Path, folder: Path, ports: Sequence[int]) -> Sequence[str | Path]:
        for name in ("config", "data", "logs", "tmp"):
            (folder / name).mkdir(exist_ok=True)
        settings = {
            "cluster.name": f"counterfoil-{ports[0]}",
            "node.name": "one",
            "discovery.type": "single-node",
            "network.host": "127.0.0.1",
            "http.port": ports[0],
            "transport.port": ports[1],
            "path.data": folder / "data",
            "path.logs": folder / "logs",
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            "action.auto_create_index": "false",
        }
        lines = "".join(f"{name}: {value}\n" for name, value in settings.items())
        (folder / "config" / "opensearch.yml").write_text(lines)
        (folder / "config" / "log4j2.properties").write_text(LOGGING)
        # G1 with room in reserve: with the serial collector its circuit breaker trips on garbage.
        collector = ["-XX:+UseG1GC", "-XX:G1ReservePercent=25", "-XX:InitiatingHeapOccupancyPercent=30"]
        options = {
            "java.io.tmpdir": folder / "tmp",
            "log4j2.disable.jmx": "true",
            "log4j.shutdownHookEnabled": "false",
            "opensearch.path.home": program,
            "opensearch.path.conf": folder / "config",
            "opensearch.distribution.type": "tar",
        }
        words = [f"-D{name}={value}" for name, value in options.items()]
        java = [*jvm(OLDEST_JAVA, program, HEAP, languages=True), *collector, *words]
        return [*java, "-cp", f"{program}/lib/*", "org.opensearch.bootstrap.OpenSearch"]

    def healthy(self, ports: Sequence[int]) -> bool:
        return answers(f"{self.address(ports)}/_cluster/health?wait_for_status=yellow&timeout=1s")

    def address(self, ports: Sequence[int]) -> str:
        return f"http://127.0.0.1:{ports[0]}"


def _assemble(folder: Path) -> None:
    for name in ("bin", "lib", "modules", "plugins", "config"):
        (folder / name).mkdir()
    fetch_jars(JARS, folder / "lib")
    for module in MODULES:
        home = folder / "modules" / module.name
        home.mkdir()
        jar = f"{module.artifact}-{VERSION}.jar"
        (folder / "lib" / jar).rename(home / jar)
        (home / "plugin-descriptor.properties").write_text(_descriptor(module))
    for pattern in PAINLESS:
        for jar_file in (folder / "lib").glob(pattern):
            jar_file.rename(folder / "modules" / "lang-painless" / jar_file.name)


def _descriptor(module: Module) -> str:
    properties = {
        "name": module.name,
        "description": module.name,
        "version": VERSION,
        "opensearch.version": VERSION,
        "java.version": OLDEST_JAVA,
        "classname": module.plugin,
        "extended.plugins": module.extends,
        "has.native.controller": "false",
    }
    return "".join(f"{name}={value}\n" for name, value in properties.items())
