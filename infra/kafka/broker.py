"""Where Kafka is, and how it is spoken to: plain, over TLS, with a name and a password."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import KafkaConnectionError, KafkaError

from infra.kafka.refusals import BadKafkaSettings, NoKafka
from infra.settings import Settings

PATIENCE_MS = 10_000


@dataclass(frozen=True, slots=True)
class Broker:
    """`security` is what every client of aiokafka is given beside the address."""

    address: str
    security: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, settings: Settings) -> "Broker":
        """The broker that is set. Raises NoKafka, BadKafkaSettings."""
        if settings.kafka is None:
            raise NoKafka("Set COUNTERFOIL_KAFKA to host:port of a broker; `make services ARGS=kafka` starts one.")
        security: dict[str, Any] = {"security_protocol": settings.kafka_security}
        if settings.kafka_security.endswith("SSL"):
            security["ssl_context"] = _trust(settings)
        if settings.kafka_user is not None and settings.kafka_password is not None:
            security |= {
                "sasl_mechanism": settings.kafka_sasl,
                "sasl_plain_username": settings.kafka_user,
                "sasl_plain_password": settings.kafka_password.get_secret_value(),
            }
        return cls(settings.kafka, security)

    @property
    def client(self) -> dict[str, Any]:
        """Arguments for producers, consumers and admin clients."""
        return {"bootstrap_servers": self.address, **self.security}

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        """Raises KafkaError; one that cannot be reached says why not."""
        admin = AIOKafkaAdminClient(**self.client)
        try:
            await admin.start()
        except KafkaConnectionError as error:
            raise KafkaConnectionError(await self._why_not() or str(error)) from error
        try:
            yield admin
        finally:
            await admin.close()

    async def _why_not(self) -> str:
        """The client keeps to itself which certificate or password was not liked."""
        reasons = []
        for host, port, _ in collect_hosts(self.address):
            try:
                connection = await create_conn(host, port, request_timeout_ms=PATIENCE_MS, **self.security)
                connection.close()
            except (KafkaError, OSError) as error:
                reasons.append(f"{host}:{port}: {error or type(error).__name__}")
        return "; ".join(reasons)


def _trust(settings: Settings) -> ssl.SSLContext:
    """The certificates and credentials of the connection. Raises BadKafkaSettings."""
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ca)
    except (OSError, ssl.SSLError) as error:
        raise BadKafkaSettings(f"COUNTERFOIL_KAFKA_CA: {settings.kafka_ca} {_wrong(error)}") from None
    if settings.kafka_certificate is not None:
        try:
            context.load_cert_chain(settings.kafka_certificate, settings.kafka_key, password=lambda: "")
        except (OSError, ssl.SSLError) as error:
            names = f"{settings.kafka_certificate} and {settings.kafka_key}"
            raise BadKafkaSettings(
                f"COUNTERFOIL_KAFKA_CERTIFICATE, COUNTERFOIL_KAFKA_KEY: {names} {_wrong(error)}"
            ) from None
    return context


def _wrong(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return f"cannot be used ({error.reason or error}): PEM is wanted, a key without a password."
    return f"cannot be read: {error.strerror}."
