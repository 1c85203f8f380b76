"""Why a payment says no."""

from domain.shared.errors import Conflict, Invalid, NotFound


class PaymentNotFound(NotFound):
    """There is no such payment."""


class AttemptNotFound(NotFound):
    """The payment has had no such attempt."""


class AttemptDiffers(Invalid):
    """The answer of the gateway names an attempt that it cannot belong to."""


class RefundNotFound(NotFound):
    """The payment has no such refund."""


class AmountDiffers(Invalid):
    """The amount is not the one that was agreed."""


class NotChargeable(Invalid):
    """The gateway cannot take a payment of this amount."""


class PaymentUnderWay(Conflict):
    """An attempt to pay is under way or has succeeded."""


class PaymentClosed(Conflict):
    """The payment has been given up."""


class NothingHeld(Conflict):
    """The gateway holds no money for this payment."""


class MoneyAlreadyTaken(Conflict):
    """The money is taken, or just being taken."""


class NothingTaken(Conflict):
    """No money has been taken that could go back."""


class RefundTooHigh(Conflict):
    """More would go back than was taken."""


class RefundDisputed(Conflict):
    """The money is disputed, so a refund could pay the shopper twice."""
