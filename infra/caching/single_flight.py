"""Who makes an answer that many processes are asked for at once."""

from typing import Protocol


class SingleFlight(Protocol):
    """One process makes it, the others wait for a moment. Failing is never allowed: then everybody makes it."""

    async def claim(self, key: str) -> bool:
        """Whether this caller is to compute it, and call `done` at the end. An abandoned claim expires in a moment."""

    async def done(self, key: str) -> None: ...

    async def wait(self, key: str) -> None:
        """Wait until the claim is done, or until the time limit."""


class NoSingleFlight:
    """Processes that know nothing of each other."""

    async def claim(self, key: str) -> bool:  # noqa: ARG002 - the port's words
        return True

    async def done(self, key: str) -> None: ...

    async def wait(self, key: str) -> None: ...
