"""Ask a server over HTTP how it is."""

import httpx


def answers(url: str) -> bool:
    """Does a GET succeed within a second or so?"""
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False
