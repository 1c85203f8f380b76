"""Whose address a request counts for, with and without proxies in front."""

from datetime import timedelta

import pytest

from infra.http.callers import TrustedProxies
from infra.security.services import web_tokens
from infra.security.tokens import Tokens

BALANCER, MESH, VISITOR, OTHER = "203.0.113.7", "10.1.2.3", "198.51.100.20", "192.0.2.66"
OURS = TrustedProxies.at([BALANCER, "10.0.0.0/8", "2001:db8:ffff::/48"])


def caller(peer: str, *forwarded: str, proxies: TrustedProxies = OURS) -> str:
    headers = [(b"host", b"shop"), *((b"x-forwarded-for", line.encode("latin-1")) for line in forwarded)]
    return proxies.caller({"type": "http", "client": (peer, 4711), "headers": headers})


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        pytest.param(VISITOR, [], VISITOR, id="nobody in between"),
        pytest.param(VISITOR, [OTHER], VISITOR, id="who is no proxy is not believed"),
        pytest.param(BALANCER, [], BALANCER, id="a proxy that asks for itself"),
        pytest.param(BALANCER, [VISITOR], VISITOR, id="one proxy"),
        pytest.param(BALANCER, [f"{OTHER}, {VISITOR}"], VISITOR, id="what a visitor made up stands on the left"),
        pytest.param(BALANCER, [OTHER, VISITOR], VISITOR, id="in two lines"),
        pytest.param(BALANCER, [f"{OTHER}, {VISITOR}, {MESH}"], VISITOR, id="two proxies"),
        pytest.param(BALANCER, [f"{MESH}, 10.9.9.9"], MESH, id="nobody but proxies"),
        pytest.param(BALANCER, [f"{OTHER}, nonsense, {MESH}"], MESH, id="nothing is believed left of nonsense"),
        pytest.param(BALANCER, [""], BALANCER, id="nothing said"),
        pytest.param(BALANCER, [f"{VISITOR}:5123"], VISITOR, id="a port"),
        pytest.param(f"::ffff:{BALANCER}", [f"::ffff:{VISITOR}"], VISITOR, id="IPv4 in IPv6"),
        pytest.param("2001:db8:ffff::1", ["[2001:db8:1:2:3:4:5:6]:443"], "2001:db8:1:2::/64", id="IPv6 and a port"),
        pytest.param("2001:db8:1:2::9", [OTHER], "2001:db8:1:2::/64", id="IPv6, one name for a site"),
        pytest.param("fe80::1%eth0", [], "fe80::/64", id="a link-local address"),
    ],
)
def test_the_address_is_the_right_most_one_that_is_no_proxy(peer: str, forwarded: list[str], counted: str) -> None:
    assert caller(peer, *forwarded) == counted


def test_without_proxies_nobody_is_believed() -> None:
    assert caller("127.0.0.1", VISITOR, proxies=TrustedProxies()) == "127.0.0.1"


def test_who_has_no_address_counts_as_one() -> None:
    assert [TrustedProxies().caller({"type": "http", "client": client}) for client in (None, ("", 0))] == [
        "unknown",
        "",
    ]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        pytest.param(BALANCER, VISITOR, (VISITOR, 4711), id="behind a proxy"),
        pytest.param(BALANCER, "2001:db8:1:2::9", ("2001:db8:1:2::9", 4711), id="IPv6, whole"),
        pytest.param(VISITOR, OTHER, (VISITOR, 4711), id="no proxy"),
    ],
)
def test_an_application_sees_the_caller_as_its_client(peer: str, forwarded: str, client: tuple[str, int]) -> None:
    """So limits that an application keeps itself, as on units held unpaid, tell callers behind a proxy apart."""
    scope = {"type": "http", "client": (peer, 4711), "headers": [(b"x-forwarded-for", forwarded.encode())]}
    assert OURS.resolved(scope)["client"] == client
    assert OURS.caller(OURS.resolved(scope)) == OURS.caller(scope)


def test_the_server_of_the_pages_names_its_visitors_wherever_it_is() -> None:
    """By its token. Others who send a token, or none, name nobody."""
    tokens = Tokens(b"a secret of at least thirty-two bytes")
    proxies = TrustedProxies.at([], web_tokens(tokens))
    headers = {
        "web": tokens.issue("web", ["web"], timedelta(hours=1)),
        "old": tokens.issue("web", ["web"], timedelta(hours=-1)),
        "shopper": tokens.issue("anna", ["shopper"], timedelta(hours=1)),
        "forged": Tokens(b"another secret of thirty-two bytes...").issue("web", ["web"], timedelta(hours=1)),
        "none": "",
    }
    callers = {
        name: proxies.caller(
            {
                "client": ("192.0.2.9", 4711),
                "headers": [(b"x-forwarded-for", b"203.0.113.7"), (b"counterfoil-service", token.encode())],
            }
        )
        for name, token in headers.items()
    }
    assert callers == {**dict.fromkeys(headers, "192.0.2.9"), "web": "203.0.113.7"}
