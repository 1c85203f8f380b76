"""The public keys of access tokens, for others who verify them (RFC 7517)."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from write_api.ports import Ports

router = APIRouter(include_in_schema=False)

MAX_AGE = 30
"""Seconds. A new key is published a minute before it signs."""


@router.get("/.well-known/jwks.json")
async def keys(request: Request, response: Response) -> Mapping[str, Any]:
    ports: Ports = request.app.state.ports
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
    return ports.tokens.jwks()
