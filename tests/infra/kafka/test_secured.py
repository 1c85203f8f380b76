"""A broker that wants TLS, certificates and passwords is spoken to that way, and what is wrong with them is told."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from infra.dev_servers.instance import Instance
from infra.dev_servers.kafka import Kafka, Secured
from infra.eventstore.factory import open_event_store
from infra.kafka.broker import Broker
from infra.kafka.refusals import BadKafkaSettings
from infra.kafka.topics import FEEDS, Topics
from infra.settings import Settings
from tests.e2e.shop import counterfoil
from tests.eventstoredb_server.tls import Certificates
from tests.infra.kafka.program import part
from tests.infra.kafka.reading import PARTITIONS, PATIENCE, committed
from tests.infra.kafka.test_feeds import received
from tests.support.fixtures.services import Own

PASSWORD = uuid4().hex
ANOTHER = uuid4().hex


@pytest.fixture
async def files(tmp_path: Path) -> Mapping[str, Path]:
    """PEM files: ours, and those of an authority that nobody trusts."""
    found = {}
    for of, made in (("our", Certificates.made()), ("their", Certificates.made())):
        for name in ("authority", "certificate", "key"):
            found[f"{of}_{name}"] = tmp_path / f"{of}_{name}.pem"
            found[f"{of}_{name}"].write_bytes(getattr(made, name))
    return found


@pytest.fixture
async def secured(own_service: Own, files: Mapping[str, Path]) -> Instance:
    pem = {name: files[f"our_{name}"].read_text() for name in ("authority", "certificate", "key")}
    return await asyncio.to_thread(own_service, Kafka(Secured(**pem, users={"shop": PASSWORD})))


def settings(address: str, files: Mapping[str, Path], **others: str) -> dict[str, str]:
    """What an operator sets."""
    right = {
        "kafka": address,
        "kafka_security": "SASL_SSL",
        "kafka_ca": str(files["our_authority"]),
        "kafka_certificate": str(files["our_certificate"]),
        "kafka_key": str(files["our_key"]),
        "kafka_user": "shop",
        "kafka_password": PASSWORD,
    }
    return right | others


def in_environment(given: Mapping[str, str]) -> dict[str, str]:
    return {f"COUNTERFOIL_{name.upper()}": value for name, value in given.items()}


def secured_address(kafka: Instance) -> str:
    return f"localhost:{json.loads((kafka.folder / 'who.json').read_text())['ports'][2]}"


async def test_a_shop_publishes_and_is_fed_over_tls_with_a_password(
    database_url: str, secured: Instance, files: Mapping[str, Path], tmp_path: Path
) -> None:
    given = settings(secured_address(secured), files)
    prefix = f"secured-{uuid4().hex[:8]}"
    told = in_environment(given) | {"COUNTERFOIL_KAFKA_PREFIX": prefix}
    made = await asyncio.to_thread(counterfoil, "kafka", "topics", "--partitions", str(PARTITIONS), **told)
    assert (made.returncode, len(made.stdout.split())) == (0, 8)

    store, _ = await open_event_store(database_url)
    await store.close()
    topics, broker = Topics(prefix), Broker.of(Settings(**given))  # type: ignore[arg-type]
    address = given.pop("kafka")
    async with (
        part("publisher", database_url, address, prefix, tmp_path, **in_environment(given)),
        part("feeds", database_url, address, prefix, tmp_path, **in_environment(given)),
        AIOKafkaProducer(**broker.client) as producer,
    ):
        one = received(1)
        headers = [(name, value.encode()) for name, value in one.headers.items()]
        await producer.send_and_wait(topics.of(FEEDS), value=one.value, key=one.key, headers=headers)
        async with asyncio.timeout(PATIENCE):
            while not (messages := await committed(secured.address, topics.of("stock"))):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    assert [json.loads(message.value)["on_hand"] for message in messages] == [1]


async def test_what_the_broker_does_not_like_is_told(secured: Instance, files: Mapping[str, Path]) -> None:
    address = secured_address(secured)
    stranger = {"kafka_certificate": str(files["their_certificate"]), "kafka_key": str(files["their_key"])}
    nobody = {name: value for name, value in settings(address, files).items() if "certificate" not in name}
    del nobody["kafka_key"]
    for wrong, why in (
        (settings(address, files, kafka_password=ANOTHER), "Authentication failed"),
        (settings(address, files, kafka_user="nobody"), "Authentication failed"),
        (settings(address, files, kafka_ca=str(files["their_authority"])), "certificate verify failed"),
        (settings(address, files, **stranger), "localhost"),
        (nobody, "localhost"),
    ):
        with pytest.raises(KafkaConnectionError, match=why) as refused:
            await Topics("nobody").check(Broker.of(Settings(**wrong)))  # type: ignore[arg-type]
        assert PASSWORD not in str(refused.value)
        assert ANOTHER not in str(refused.value)
    failed = await asyncio.to_thread(
        counterfoil, "kafka", "topics", **in_environment(settings(address, files, kafka_password=ANOTHER))
    )
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1].startswith(f"counterfoil: Kafka at {address}: ")
    assert "Authentication failed" in failed.stderr.splitlines()[-1]


def test_files_that_are_no_certificates_are_named(files: Mapping[str, Path], tmp_path: Path) -> None:
    (empty := tmp_path / "empty.pem").touch()
    for wrong, why in (
        ({"kafka_ca": "/nowhere.pem"}, "COUNTERFOIL_KAFKA_CA: /nowhere.pem cannot be read: No such file"),
        ({"kafka_ca": str(empty)}, "COUNTERFOIL_KAFKA_CA: .*empty.pem cannot be used"),
        ({"kafka_key": str(files["their_key"])}, r"COUNTERFOIL_KAFKA_KEY: .* cannot be used \(KEY_VALUES_MISMATCH\)"),
        ({"kafka_certificate": str(empty)}, "COUNTERFOIL_KAFKA_CERTIFICATE, .* cannot be used"),
    ):
        with pytest.raises(BadKafkaSettings, match=why):
            Broker.of(Settings(**settings("localhost:1", files, **wrong)))  # type: ignore[arg-type]
    refused = counterfoil("up", **in_environment(settings("localhost:1", files, kafka_ca="/nowhere.pem")))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("counterfoil: COUNTERFOIL_KAFKA_CA: /nowhere.pem cannot be read")


def test_a_broker_has_to_be_who_it_says_and_a_password_does_not_show(files: Mapping[str, Path]) -> None:
    made = Settings(**settings("localhost:1", files))  # type: ignore[arg-type]
    assert PASSWORD not in repr(made)
    assert PASSWORD not in repr(Broker.of(made))
    assert Broker.of(made).security["ssl_context"].check_hostname
