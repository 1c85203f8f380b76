"""Exponential backoff: how long to wait after the n-th failure in a row."""

from dataclasses import dataclass

MOST_DOUBLINGS = 30
"""More would overflow a float in the end; every bound is reached long before."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """`first` seconds after the first failure, twice as long after each further one, at most `longest`."""

    first: float
    longest: float

    def pause(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row, counted from 1."""
        return min(self.longest, self.first * 2.0 ** min(failures - 1, MOST_DOUBLINGS))
