"""A server, and the library's own client to it."""

from collections.abc import AsyncIterator

import pytest
from stripe import StripeClient

from infra.dev_servers.stripe.server import StripeServer
from tests.infra.dev_servers.stripe.talking import connected


@pytest.fixture
async def server() -> AsyncIterator[StripeServer]:
    async with StripeServer() as server:
        yield server


@pytest.fixture
async def client(server: StripeServer) -> AsyncIterator[StripeClient]:
    async with connected(server) as client:
        yield client
