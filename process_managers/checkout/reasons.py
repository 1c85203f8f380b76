"""Why a checkout came to nothing, in words that help the shopper."""

from domain.cart.events import CancellationRequested
from domain.stock.events import ReservationReleased, Shortage
from domain.stock.reserving import TAKEN_OVER
from process_managers.checkout.lines import Line
from process_managers.checkout.state import PAY, RESERVE, Checkout, CheckoutPhase
from process_managers.engine.process import CommandRefused, TimerFired

AGAIN = "Nothing was taken. Check the cart out again."

WHY = {
    Shortage.STOCK: "",
    Shortage.SHOPPER_LIMIT: " So many may be held for one shopper before they are paid.",
    Shortage.CLIENT_LIMIT: " So many may be held for one network address before they are paid.",
}


def why(checkout: Checkout) -> str:
    """What ended the checkout, and what to do about it."""
    if checkout.phase is CheckoutPhase.REJECTED and (short := _short_lines(checkout)):
        return " ".join(short)
    match checkout.ended_by:
        case ReservationReleased(reason=reason) if reason == TAKEN_OVER:
            return "A newer checkout of yours needed the same units. Go on with that one, or check this cart out again."
        case ReservationReleased(sku=sku):
            return f"{_title(checkout, sku)} could not be held any longer. {AGAIN}"
        case CancellationRequested():
            return "The shopper cancelled."
        case CommandRefused(detail=detail):
            return detail
        case TimerFired(name=name) if name == RESERVE:
            return f"The stock did not answer in time. {AGAIN}"
        case TimerFired(name=name) if name == PAY:
            return f"The time to pay was over. {AGAIN}"
        case _:
            return f"The money that was held was given back. {AGAIN}"


def _short_lines(checkout: Checkout) -> list[str]:
    lines = ((line, checkout.lines[line.sku]) for line in checkout.bought.lines)
    return [_short(_title(checkout, priced.sku), line) for priced, line in lines if line.short]


def _short(title: str, line: Line) -> str:
    can = line.obtainable
    has = "1 is" if can == 1 else f"{can} are"
    said = f"{title}: {line.quantity} {'was' if line.quantity == 1 else 'were'} wanted, {has} available."
    if can:
        return f"{said}{WHY[line.cause]} Take {can} or fewer."
    if line.cause is Shortage.STOCK:
        return f"{said} Remove it from the cart, or try again later."
    return f"{said}{WHY[line.cause]} Try again when what is held is paid or released."


def _title(checkout: Checkout, sku: str) -> str:
    """The title of the product, and the SKU where that differs."""
    title = next(line.title for line in checkout.bought.lines if line.sku == sku)
    return title if title == sku else f"{title} ({sku})"
