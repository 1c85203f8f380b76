"""Links that show one order."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from domain.shared.ids import OrderId
from infra.security.order_links import AUDIENCE, LIFETIME, SignedOrderLinks
from infra.security.tokens import InvalidToken, Tokens

SECRET = b"a secret of at least thirty-two bytes"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LINKS, ORDER = SignedOrderLinks(SECRET), OrderId("O1")
MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)


def test_a_link_shows_its_order_until_it_ends() -> None:
    token, ends = LINKS.issue(ORDER, NOW)
    assert ends == MIDNIGHT + LIFETIME
    assert LINKS.order_of(token, ends - timedelta(seconds=1)) == ORDER
    with pytest.raises(InvalidToken, match="The link has expired"):
        LINKS.order_of(token, ends)


def test_a_link_is_no_bearer_token_and_a_bearer_token_is_no_link() -> None:
    token, _ = LINKS.issue(ORDER, NOW)
    bearer = Tokens(SECRET)
    with pytest.raises(InvalidToken):
        bearer.verify(token)
    with pytest.raises(InvalidToken):
        LINKS.order_of(bearer.issue("O1", ["shopper"], timedelta(hours=1)), NOW)


@pytest.mark.parametrize("key", [SECRET, b"another secret of thirty-two bytes", b""])
def test_a_link_that_was_signed_by_others_is_refused(key: bytes) -> None:
    claims = {"aud": AUDIENCE, "sub": "O1", "exp": NOW + LIFETIME}
    forged = jwt.encode(claims, key, "HS256") if key else jwt.encode(claims, "", "none")
    with pytest.raises(InvalidToken, match="not one of ours"):
        LINKS.order_of(forged, NOW)


def test_a_changed_link_is_refused() -> None:
    token, _ = LINKS.issue(ORDER, NOW)
    head, body, signature = token.split(".")
    other = LINKS.issue(OrderId("O2"), NOW)[0].split(".")[1]
    for changed in (f"{head}.{other}.{signature}", f"{head}.{body}.", token[:-4], "", "x"):
        with pytest.raises(InvalidToken, match="not one of ours"):
            LINKS.order_of(changed, NOW)
