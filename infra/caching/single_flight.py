"""Who makes an answer that many processes are asked for at once."""

from typing import Protocol


class SingleFlight(Protocol):
    """One process makes it, the others wait for a moment. Failing is never allowed: then everybody makes it."""

    async def claim(self, key: str) -> bool:
        """Whether it is ours to make; if so, say `done` at the end. A claim that nobody ends is over in a moment."""

    async def done(self, key: str) -> None: ...

    async def wait(self, key: str) -> None:
        """Until whoever claimed it is done, or for as long as one may be kept waiting."""


class NoSingleFlight:
    """Processes that know nothing of each other."""

    async def claim(self, key: str) -> bool:  # noqa: ARG002 - the port's words
        return True

    async def done(self, key: str) -> None: ...

    async def wait(self, key: str) -> None: ...
