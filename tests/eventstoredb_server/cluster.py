"""Nodes that know each other, around one log."""

from types import TracebackType
from typing import Self

from .log import Log
from .node import Member
from .server import Server


class Cluster:
    """`async with Cluster(3) as cluster`: the first node leads, until another is elected."""

    def __init__(self, size: int = 3) -> None:
        log = Log()
        self.nodes = [Server(log=log, state="Follower") for _ in range(size)]
        self.members: list[Member] = [server.node.me for server in self.nodes]
        for server in self.nodes:
            server.node.members = self.members
        self.elect(0)

    @property
    def uri(self) -> str:
        """Names every node, so that a client discovers the one it wants."""
        return f"esdb://{','.join(server.target for server in self.nodes)}?Tls=false"

    def elect(self, number: int | None) -> None:
        """None is an election that goes on: nobody leads."""
        for other, member in enumerate(self.members):
            member.state = "Leader" if other == number else "Follower" if number is not None else "Unknown"
            if other != number:
                self.nodes[other].node.step_down()

    async def kill(self, number: int) -> None:
        self.members[number].alive = False
        await self.nodes[number].stop()

    async def revive(self, number: int) -> None:
        """As a follower, on the port it had."""
        self.members[number].alive, self.members[number].state = True, "Follower"
        await self.nodes[number].start()

    async def __aenter__(self) -> Self:
        for server in self.nodes:
            await server.start()
        return self

    async def __aexit__(self, *_: "type[BaseException] | BaseException | TracebackType | None") -> None:
        for server in self.nodes:
            await server.stop()
