"""A server that is set answers, or is named with its setting."""

import socket

import pytest

from infra.addresses import Host, hosts, shown
from infra.bootstrap import reaching
from infra.bootstrap.reaching import Unreachable, reached
from infra.settings import WAREHOUSE, Settings
from write_api.http.fields import CODE


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


async def test_the_wait_is_announced_once_and_ends_in_time() -> None:
    said = list[str]()
    url = f"postgresql://127.0.0.1:{closed_port()}/shop"
    words = f"COUNTERFOIL_DATABASE: {url[13:]} does not answer: Connection refused"
    with pytest.raises(Unreachable) as given_up:
        await reached(Settings(database=url), 0.3, said.append)
    assert (str(given_up.value), said) == (words, [f"{words}. Trying for 0 s."])


async def test_an_unknown_name_is_not_waited_for() -> None:
    with pytest.raises(Unreachable, match=r"^COUNTERFOIL_DATABASE: shop\.invalid/goods does not answer: "):
        await reached(Settings(database="postgresql://shop.invalid/goods"), 600)


async def test_a_server_that_accepts_and_says_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "ATTEMPT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}/shop"
        with pytest.raises(Unreachable) as unreachable:
            await reached(Settings(database=f"postgresql://{place}"))
    assert str(unreachable.value) == (f"COUNTERFOIL_DATABASE: {place} does not answer: nothing came back within 0 s")


@pytest.mark.parametrize("url", ["postgresql://[::1]:1/a,b", "esdb://u:p@one,two:3?Tls=false", "sqlite:///f"])
def test_hosts_are_found_and_passwords_are_not_shown(url: str) -> None:
    found = {
        "postgresql://[::1]:1/a,b": ([Host("::1", 1)], "[::1]:1/a,b"),
        "esdb://u:p@one,two:3?Tls=false": ([Host("one", None), Host("two", 3)], "one,two:3"),
        "sqlite:///f": ([], "localhost/f"),
    }
    assert (hosts(url), shown(url)) == found[url]


def test_warehouses_in_settings_are_those_of_the_api() -> None:
    assert WAREHOUSE == CODE
