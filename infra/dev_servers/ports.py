"""What is to be known of a server to install and run it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class ServiceMissing(Exception):
    """Something that a server needs is not on this machine; the message says how to get it."""


class ServiceFailed(Exception):
    """A server could not be installed, started or stopped."""


class Server(Protocol):
    """One kind of server. Ports come in the order of `ports`; the first is the one that clients use."""

    @property
    def name(self) -> str: ...

    @property
    def setting(self) -> str:
        """The setting that names such a server to a shop."""
        ...

    @property
    def ports(self) -> int:
        """How many ports it listens on."""
        ...

    def install(self, cache: Path) -> Path:
        """The folder of the program, fetched if it is not there. Raises ServiceMissing, ServiceFailed."""
        ...

    def command(self, program: Path, folder: Path, ports: Sequence[int]) -> Sequence[str | Path]:
        """How to start it on what `folder` holds; its configuration is written there. Raises ServiceMissing."""
        ...

    def healthy(self, ports: Sequence[int]) -> bool:
        """Does it answer as a server that can work?"""
        ...

    def address(self, ports: Sequence[int]) -> str:
        """The value of the setting."""
        ...
