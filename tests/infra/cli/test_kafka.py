"""`counterfoil kafka`, as a person uses it."""

from uuid import uuid4

from tests.e2e.shop import counterfoil


def test_topics_are_created_once(kafka: str) -> None:
    prefix = f"cli-{uuid4().hex[:8]}"
    settings = {"COUNTERFOIL_KAFKA": kafka, "COUNTERFOIL_KAFKA_PREFIX": prefix}
    names = ["feeds", "orders", "payments", "products", "shipments", "stock", "published", "dead-letters"]
    assert counterfoil("kafka", "topics", **settings).stdout.split() == [f"{prefix}.{name}" for name in names]
    again = counterfoil("kafka", "topics", **settings)
    assert (again.returncode, again.stdout) == (0, "")


def test_a_broker_that_nobody_named_is_asked_for() -> None:
    refused = counterfoil("kafka", "topics")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("counterfoil: Set COUNTERFOIL_KAFKA to host:port of a broker;")


def test_avro_without_a_registry_is_refused() -> None:
    refused = counterfoil("kafka", "topics", COUNTERFOIL_KAFKA="localhost:1", COUNTERFOIL_KAFKA_FORMAT="avro")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "COUNTERFOIL_KAFKA_FORMAT=avro needs COUNTERFOIL_SCHEMA_REGISTRY" in refused.stderr


def test_a_broker_that_is_not_there_is_told_in_one_line() -> None:
    failed = counterfoil("kafka", "topics", COUNTERFOIL_KAFKA="127.0.0.1:1")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.splitlines()[-1].startswith("counterfoil: Kafka at 127.0.0.1:1: ")
