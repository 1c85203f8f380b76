"""Clients are told apart, and their addresses are not told."""

import pytest

from infra.security.pseudonyms import pseudonyms

NAME = pseudonyms(b"a secret")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
    ],
)
def test_an_address_has_a_name(one: str, other: str, same: bool) -> None:
    assert (NAME(one) == NAME(other)) is same
    assert NAME(one) is not None


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "", "unix:", "testclient"])
def test_what_tells_nobody_apart_has_none(address: str) -> None:
    assert NAME(address) is None


def test_who_has_another_secret_has_other_names() -> None:
    assert pseudonyms(b"another secret")("192.0.2.1") != NAME("192.0.2.1")
