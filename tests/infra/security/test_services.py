"""The token of the server of the pages."""

from datetime import timedelta

from infra.security.services import LIFETIME, web_token, web_tokens
from infra.security.tokens import Tokens

TOKENS = Tokens(b"a secret of at least thirty-two bytes")


def test_it_is_kept_for_half_of_its_time_and_known_again() -> None:
    now = [0.0]
    token = web_token(TOKENS, lambda: now[0])
    first, is_web = token(), web_tokens(TOKENS)
    now[0] = LIFETIME.total_seconds() / 2 - 1
    assert token() is first
    now[0] += 1
    assert token() is not first
    assert (is_web(first), is_web(TOKENS.issue("anna", ["shopper"], timedelta(hours=1))), is_web("")) == (
        True,
        False,
        False,
    )
