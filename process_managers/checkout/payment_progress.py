"""How far the payment of a checkout has come."""

from dataclasses import dataclass
from enum import Flag, auto

from domain.shared.frozen import replace


class Seen(Flag):
    """What is known of the payment. It may become known in any order, so it is a set and not a phase.

    STOPPED: the payment was given up before the gateway had answered, so an authorisation that comes is a late one.
    VOID_REFUSED: there was no payment to void.
    """

    NOTHING = 0
    ASKED = auto()
    REQUESTED = auto()
    FAILED = auto()
    STOPPED = auto()
    VOID_REFUSED = auto()


@dataclass(frozen=True, slots=True)
class PaymentProgress:
    """What is known of the payment. `hold` is the hold on the money, `returned` are holds that go back."""

    seen: Seen = Seen.NOTHING
    hold: str | None = None
    returned: frozenset[str] = frozenset()

    @property
    def asked(self) -> bool:
        """Whether the checkout has requested the payment."""
        return Seen.ASKED in self.seen

    @property
    def authorised(self) -> bool:
        """Whether the money is, or was, held."""
        return self.hold is not None

    @property
    def failed(self) -> bool:
        """Whether the last attempt failed, so that the gateway owes no answer."""
        return Seen.FAILED in self.seen

    @property
    def void_came_first(self) -> bool:
        """Whether the void found no payment because that was made only later: it has to be requested again."""
        return Seen.VOID_REFUSED | Seen.REQUESTED in self.seen

    @property
    def came_after_all(self) -> bool:
        """Whether the money is held although the payment had been given up."""
        return Seen.STOPPED in self.seen and self.hold is not None and self.hold not in self.returned

    def with_(self, seen: Seen) -> "PaymentProgress":
        """The payment when that is known too."""
        return replace(self, seen=self.seen | seen)

    def with_attempt(self) -> "PaymentProgress":
        """The payment when an attempt begins, which has not failed yet."""
        return replace(self, seen=(self.seen | Seen.REQUESTED) & ~Seen.FAILED)

    def with_hold(self, ref: str) -> "PaymentProgress":
        """The payment when the money is held."""
        return replace(self, hold=ref)

    def with_returned(self, ref: str) -> "PaymentProgress":
        """The payment when a hold goes back."""
        return replace(self, returned=self.returned | {ref})

    def once_more(self) -> "PaymentProgress":
        """The payment of a checkout that starts again with the money it holds."""
        return replace(self, seen=Seen.ASKED)


NO_PAYMENT_YET = PaymentProgress()
