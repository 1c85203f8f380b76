"""What a WebSocket and its place have to do with each other."""

from collections.abc import Callable
from dataclasses import dataclass, field

from infra.http.slots import Slots

PLACE = "counterfoil.place"
"""The key of a Socket in the scope of a WebSocket."""


@dataclass(slots=True, eq=False)
class Socket:
    """A WebSocket with a place. The application says when it idles, and how it is closed for others (`on_room`)."""

    places: "Slots[Socket]"
    on_room: Callable[[], None] = field(default=lambda: None)

    def idles(self) -> None:
        """Nothing is subscribed to."""
        self.places.idles(self)

    def works(self) -> None:
        """Something is."""
        self.places.works(self)

    def make_room(self) -> None:
        self.on_room()
