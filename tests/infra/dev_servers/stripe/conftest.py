"""The library's own client to a server that is judged at the end of each test."""

from collections.abc import AsyncIterator

import pytest
from stripe import StripeClient

from infra.dev_servers.stripe.server import StripeServer
from tests.infra.dev_servers.stripe.talking import connected


@pytest.fixture
def server(stripe_server: StripeServer) -> StripeServer:
    return stripe_server


@pytest.fixture
async def client(server: StripeServer) -> AsyncIterator[StripeClient]:
    async with connected(server) as client:
        yield client
