"""Apache Kafka: one node that is its own controller (KRaft), durable enough to survive kill -9."""

import socket
import struct
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.dev_servers.java import jvm
from infra.dev_servers.maven import Artifact, fetch_jars
from infra.dev_servers.owner import give, runs_as
from infra.dev_servers.ports import ServiceFailed
from infra.programs import installed

VERSION = "4.4.0"
JARS = (
    Artifact("org.apache.kafka", "kafka_2.13", VERSION),
    Artifact("org.apache.logging.log4j", "log4j-slf4j-impl", "2.25.5"),
)
OLDEST_JAVA = 17
SCRAM, SCRAM_MODULE = "SCRAM-SHA-512", "org.apache.kafka.common.security.scram.ScramLoginModule"
HEAP = 256
CLUSTER = "Y291bnRlcmZvaWwtZGV2MQ"
"""16 bytes in base64: the id a data folder is formatted with."""

# Short sessions, for a broker that was killed is not let in again before its old session has ended.
SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "3000",
    "log.cleaner.dedupe.buffer.size": str(8 * 1024 * 1024),
}

# Metadata, version 1, for no topic: key, version, correlation id, client id, an empty list of topics.
METADATA = struct.pack(">hhih2si", 3, 1, 1, 2, b"cf", 0)


@dataclass(frozen=True, slots=True)
class Secured:
    """A listener over TLS beside the plain one: `authority`, `certificate` and `key` are PEM (PKCS 8).

    Clients show a certificate of that authority, and the password of one of the users (SCRAM-SHA-512).
    """

    authority: str
    certificate: str
    key: str
    users: Mapping[str, str]

    def settings(self, folder: Path) -> dict[str, str]:
        """Writes the certificates there."""
        own, trusted = folder / "broker.pem", folder / "trusted.pem"
        own.write_text(self.key + self.certificate)
        trusted.write_text(self.authority)
        return {
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL",
            "listener.name.secured.sasl.enabled.mechanisms": SCRAM,
            f"listener.name.secured.{SCRAM.lower()}.sasl.jaas.config": f"{SCRAM_MODULE} required;",
            "listener.name.secured.ssl.keystore.type": "PEM",
            "listener.name.secured.ssl.keystore.location": str(own),
            "listener.name.secured.ssl.truststore.type": "PEM",
            "listener.name.secured.ssl.truststore.location": str(trusted),
            "listener.name.secured.ssl.client.auth": "required",
        }

    def words(self) -> list[str]:
        """The command that formats the data folder."""
        users = [f"{SCRAM}=[name={name},password={password}]" for name, password in self.users.items()]
        return [word for user in users for word in ("--add-scram", user)]


@dataclass(frozen=True, slots=True)
class Kafka:
    """A broker for integration events; `secured` has the third port."""

    secured: Secured | None = None

    @property
    def name(self) -> str:
        return "kafka"

    @property
    def setting(self) -> str:
        return "COUNTERFOIL_KAFKA"

    @property
    def ports(self) -> int:
        return 2 if self.secured is None else 3

    def install(self, cache: Path) -> Path:
        return installed(cache, f"kafka-{VERSION}", lambda folder: fetch_jars(JARS, folder))

    def command(self, program: Path, folder: Path, ports: Sequence[int]) -> Sequence[str | Path]:
        broker, controller, *others = (f"127.0.0.1:{port}" for port in ports)
        configuration = folder / "server.properties"
        settings = SETTINGS | {
            "listeners": ",".join(
                [f"PLAINTEXT://{broker}", f"CONTROLLER://{controller}", *(f"SECURED://{it}" for it in others)]
            ),
            "controller.quorum.voters": f"1@{controller}",
            "log.dirs": str(folder / "data"),
        }
        words: list[str] = []
        if self.secured is not None:
            settings |= self.secured.settings(folder)
            words = self.secured.words()
        configuration.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        options = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog4j2.level=INFO", "-cp", f"{program}/*"]
        java = [*jvm(OLDEST_JAVA, program, HEAP), *options]
        if not (folder / "data" / "meta.properties").exists():
            give(folder)
            _format([*java, "kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", configuration, *words])
        return [*java, "kafka.Kafka", configuration]

    def healthy(self, ports: Sequence[int]) -> bool:
        """A broker is registered, and a controller known."""
        try:
            with socket.create_connection(("127.0.0.1", ports[0]), timeout=2) as connection:
                connection.sendall(struct.pack(">i", len(METADATA)) + METADATA)
                answer = connection.makefile("rb")
                body = answer.read(struct.unpack(">i", answer.read(4))[0])
        except (OSError, struct.error):
            return False
        brokers: int = struct.unpack_from(">i", body, 4)[0]
        controller: int = struct.unpack_from(">i", body, len(body) - 8)[0]
        return brokers == 1 and controller >= 0

    def address(self, ports: Sequence[int]) -> str:
        return f"127.0.0.1:{ports[0]}"


def _format(command: Sequence[str | Path]) -> None:
    user = runs_as()
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        cwd="/",
    )
    if done.returncode != 0:
        raise ServiceFailed(f"Kafka's data folder could not be made: {(done.stderr or done.stdout).strip()}")
