"""A machine without Java: the publisher is left out and that is said, but never where everything has to be there."""

from pathlib import Path

import pytest

from infra.dev_servers.kafka import Kafka
from infra.dev_servers.ports import ServiceMissing
from tests.torture.broker import LeftOut, opened
from tests.torture.plan import BROKER, KILL, SERVER, STALL, without_kafka
from tests.torture.record import Blow


@pytest.mark.parametrize(("ci", "refusal"), [("", LeftOut), ("true", ServiceMissing)])
async def test_without_java_publisher_and_feeds_are_left_out_and_in_ci_the_run_fails(
    ci: str, refusal: type[Exception], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def install(_: Kafka, cache: Path) -> Path:
        raise ServiceMissing(f"Java is missing, {cache.name} or not.")

    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(Kafka, "install", install)
    with pytest.raises(refusal, match="Java is missing"):
        async with opened(tmp_path):
            pytest.fail("there is no broker")


def test_what_needs_a_broker_is_not_struck_without_one() -> None:
    needing = [Blow(1, KILL, "publisher"), Blow(2, KILL, "feeds"), Blow(3, "pause", BROKER, 2.0)]
    others = [Blow(4, KILL, "processes-2"), Blow(5, KILL, SERVER), Blow(6, STALL, "log", 1.0)]
    assert without_kafka([*needing, *others]) == others
