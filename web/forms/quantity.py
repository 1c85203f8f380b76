"""How many units of a thing."""

from dataclasses import dataclass

LONGEST = 9
ENTER = "Enter a whole number, such as 2."
AT_LEAST_ONE = "Enter 1 or more, or remove it."


@dataclass(frozen=True, slots=True)
class Quantity:
    """What was typed, the number that it is, and what is wrong with it."""

    typed: str
    value: int = 0
    fault: str | None = None


def parsed(typed: str) -> Quantity:
    if not (typed.isascii() and typed.isdigit() and len(typed) <= LONGEST):
        return Quantity(typed, fault=ENTER)
    if int(typed) == 0:
        return Quantity(typed, fault=AT_LEAST_ONE)
    return Quantity(typed, int(typed))
