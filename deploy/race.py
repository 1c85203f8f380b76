"""How long this interpreter takes for a fixed piece of work, in seconds, and where it is.

Builds of one and the same version differ by half: a distribution's is optimised with a profile, one that was compiled
at home mostly is not. `make setup` asks every interpreter that it finds, three times in turns, and takes that of the
least answer: a machine that others share may have half its speed while one of them is asked.
"""

import sys
import time

ROUNDS = 5
TURNS = 50_000


class Fact:
    __slots__ = ("number", "text")

    def __init__(self, number: int, text: str) -> None:
        self.number = number
        self.text = text

    def after(self, step: int) -> "Fact":
        return Fact(self.number + step, str(step))


def work() -> float:
    began = time.process_time()
    seen: dict[int, str] = {}
    fact = Fact(0, "")
    for turn in range(TURNS):
        fact = fact.after(turn)
        seen[turn & 255] = fact.text
    return time.process_time() - began


itself = getattr(sys, "_base_executable", sys.executable)
sys.stdout.write(f"{min(work() for _ in range(ROUNDS)):.6f} {itself}\n")
