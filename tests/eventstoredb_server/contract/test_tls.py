"""Certificates and credentials."""

import pytest
from esdbclient import AsyncEventStoreDBClient
from esdbclient.exceptions import AccessDeniedError, GrpcError, ServiceUnavailable

from tests.eventstoredb_server import Server
from tests.eventstoredb_server.contract.talking import ANY, NO_STREAM, authority_of, blocking, connected, events, read

USERS = {"admin": ("changeit", "$admins"), "ops": ("secret", "$ops"), "ann": ("secret",), "bob": ("secret", "staff")}


def uri_of(server: Server, user: str) -> str:
    return f"esdb://{user}@{server.target}"


async def test_the_admin_may_do_everything() -> None:
    async with Server(tls=True) as server, connected(server.uri, authority_of(server)) as client:
        await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(2))
        assert len(await client.get_stream("order-1")) == 2
        assert len(await read(client.read_all())) == 2
        assert await blocking(server, lambda it: len(it.get_stream("order-1"))) == 2


async def test_a_certificate_of_an_unknown_authority_is_not_trusted() -> None:
    async with (
        Server(tls=True) as server,
        Server(tls=True) as other,
        connected(server.uri, authority_of(other)) as client,
    ):
        with pytest.raises(ServiceUnavailable):
            await client.append_to_stream("order-1", current_version=NO_STREAM, events=events(1), timeout=5)
        assert "order-1" not in server.log.streams


@pytest.mark.parametrize("user", ["admin:wrong", "nobody:changeit"])
async def test_wrong_credentials_are_refused(user: str) -> None:
    async with Server(tls=True) as server, connected(uri_of(server, user), authority_of(server)) as client:
        for doing in (
            client.append_to_stream("order-1", current_version=ANY, events=events(1)),
            client.get_stream("order-1"),
            client.delete_stream("order-1", current_version=ANY),
        ):
            with pytest.raises(GrpcError, match="UNAUTHENTICATED") as refused:
                await doing
            assert type(refused.value) is GrpcError
        assert "order-1" not in server.log.streams


async def _denied(client: AsyncEventStoreDBClient, stream: str) -> None:
    with pytest.raises(AccessDeniedError):
        await client.append_to_stream(stream, current_version=ANY, events=events(1))
    for doing in (client.get_stream(stream), client.delete_stream(stream, current_version=ANY)):
        with pytest.raises(GrpcError, match="PERMISSION_DENIED") as refused:
            await doing
        assert type(refused.value) is GrpcError


async def test_only_admins_have_the_streams_of_the_system() -> None:
    async with Server(tls=True, users=USERS) as server:
        for user in ("ann:secret", "ops:secret"):
            async with connected(uri_of(server, user), authority_of(server)) as client:
                await client.append_to_stream("order-1", current_version=ANY, events=events(1))
                await _denied(client, "$settings")
                with pytest.raises(GrpcError, match="PERMISSION_DENIED"):
                    await read(client.read_all())
        async with connected(server.uri, authority_of(server)) as admin:
            await admin.append_to_stream("$settings", current_version=ANY, events=events(1))
            assert len(await read(admin.read_all())) == 3


async def test_a_stream_says_who_may_have_it() -> None:
    async with Server(tls=True, users=USERS) as server, connected(server.uri, authority_of(server)) as admin:
        await admin.append_to_stream("order-1", current_version=ANY, events=events(1))
        acl = {"$r": ["staff"], "$w": "bob", "$d": "$admins", "$mr": "staff", "$mw": "$admins"}
        await admin.set_stream_metadata("order-1", metadata={"$acl": acl})
        async with connected(uri_of(server, "ann:secret"), authority_of(server)) as ann:
            await _denied(ann, "order-1")
            with pytest.raises(GrpcError, match="PERMISSION_DENIED"):
                await ann.get_stream_metadata("order-1")
        async with connected(uri_of(server, "bob:secret"), authority_of(server)) as bob:
            await bob.append_to_stream("order-1", current_version=0, events=events(1))
            assert len(await bob.get_stream("order-1")) == 2
            assert (await bob.get_stream_metadata("order-1"))[0] == {"$acl": acl}
            with pytest.raises(AccessDeniedError):
                await bob.set_stream_metadata("order-1", metadata={})
            with pytest.raises(GrpcError, match="PERMISSION_DENIED"):
                await bob.delete_stream("order-1", current_version=ANY)


async def test_credentials_of_one_call_count_for_that_call() -> None:
    async with (
        Server(tls=True, users=USERS) as server,
        connected(uri_of(server, "ann:secret"), authority_of(server)) as ann,
    ):
        admin = ann.construct_call_credentials("admin", "changeit")
        await ann.append_to_stream("$settings", current_version=ANY, events=events(1), credentials=admin)
        await _denied(ann, "$settings")
