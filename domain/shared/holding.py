"""Who holds units before they are paid, and how many of them one shopper or one client may hold."""

from dataclasses import dataclass

from domain.shared.ids import CustomerId


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The shopper of a reservation, and the pseudonym of the network address that they came from, if one is known."""

    shopper: CustomerId
    client: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLimits:
    """How many of the units that can be promised may be held unpaid, in percent; `always` units are allowed anyway."""

    shopper: int
    client: int
    always: int

    def of_shopper(self, promisable: int) -> int:
        """The units that one shopper may hold unpaid."""
        return max(self.always, promisable * self.shopper // 100)

    def of_client(self, promisable: int) -> int:
        """The units that all shoppers of one client may hold unpaid."""
        return max(self.always, promisable * self.client // 100)
